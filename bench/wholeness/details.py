"""Details of pictures: squares cut at random places, as a person who zooms in would cut them."""

from collections.abc import Iterable, Iterator

from numpy.random import Generator, default_rng
from PIL import Image

from bench.wholeness.pictures import Photo, as_jpeg, opened

SIDES = (112, 160, 224, 320)
"""Pixels of the detail."""


def details(photos: Iterable[Photo], each: int) -> Iterator[tuple[str, bytes]]:
    """`each` of every photo, with their names; the same ones on every run."""
    for place, photo in enumerate(photos):
        picture = opened(photo.read())
        for number in range(each):
            luck = default_rng(900_000 + 100 * place + number)
            yield f"{photo.name} detail {number}", as_jpeg(_cut(picture, luck))


def _cut(picture: Image.Image, luck: Generator) -> Image.Image:
    side = min(picture.size) * luck.uniform(0.3, 0.9)
    left = luck.uniform(0, picture.width - side)
    top = luck.uniform(0, picture.height - side)
    cut = picture.crop((int(left), int(top), int(left + side), int(top + side)))
    to = SIDES[luck.integers(len(SIDES))]
    return cut.resize((to, to), Image.Resampling.LANCZOS)
