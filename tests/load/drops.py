"""The photos of a load check: variants of the samples, duplicates, and poison: no photos at all."""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageEnhance, ImageOps

from tools.checkout import PHOTOS

SEARCHED, INDEXED, REJECTED = "FacesSearched", "FacesIndexed", "ImageRejected"
_PORTRAITS = ("biden", "obama", "obama2", "obama3")
_HEIGHT_PX = 300
_POISON_SHARE, _TWICE_SHARE, _OVERWRITTEN_SHARE = 0.02, 0.04, 0.02


@dataclass(frozen=True, slots=True)
class Drop:
    key: str
    content: bytes
    outcome: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`later` is put after `at_once`, under keys that exist by then."""

    at_once: list[Drop]
    later: list[Drop]
    vanishing: Drop
    denied: Drop

    @property
    def standing(self) -> dict[str, Drop]:
        """The drops that get a result, by key: the last one put there, and never `vanishing`."""
        return {drop.key: drop for drop in (*self.at_once, *self.later, self.denied)}

    @property
    def indexed(self) -> set[tuple[str, bytes]]:
        """Each of these gives the collection one face."""
        every = (*self.at_once, *self.later)
        return {(drop.key, drop.content) for drop in every if drop.outcome == INDEXED}


def plan(collection: str, photos: int, seed: int = 20) -> Plan:
    """A plan of `photos` puts in total."""
    dice = random.Random(seed)  # noqa: S311
    poison = list(_poison(collection, max(1, round(photos * _POISON_SHARE))))
    twice, overwritten = (
        max(1, round(photos * share)) for share in (_TWICE_SHARE, _OVERWRITTEN_SHARE)
    )
    copies = twice // 2 + 1
    good = [
        _photo(collection, number, dice)
        for number in range(photos - len(poison) - twice - overwritten - copies - 2)
    ]
    indexed = [drop for drop in good if drop.outcome == INDEXED]
    again = [Drop(drop.key, drop.content, drop.outcome) for drop in good[:twice]]
    anew = [
        Drop(drop.key, portrait(dice), drop.outcome) for drop in good[twice : twice + overwritten]
    ]
    elsewhere = [
        Drop(f"index/{collection}/copy-{number}.jpg", drop.content, INDEXED)
        for number, drop in enumerate(indexed[-copies:])
    ]
    at_once = [*good, *poison, *elsewhere]
    dice.shuffle(at_once)
    return Plan(
        at_once,
        [*again, *anew],
        vanishing=Drop(f"index/{collection}/vanished.jpg", portrait(dice), INDEXED),
        denied=Drop(f"search/{collection}/denied for a while.jpg", portrait(dice), SEARCHED),
    )


def _photo(collection: str, number: int, dice: random.Random) -> Drop:
    """Two of three photos are indexed, the third searched."""
    if number % 3:
        return Drop(f"index/{collection}/person-{number}.jpg", portrait(dice), INDEXED)
    return Drop(f"search/{collection}/gate 7/ä+{number}%.jpg", portrait(dice), SEARCHED)


def _poison(collection: str, of_each: int) -> Iterator[Drop]:
    someone = portrait(random.Random(0))  # noqa: S311
    for number in range(of_each):
        for name, content in (("text", b"no picture"), ("gif", nobody("GIF")), ("wall", nobody())):
            yield Drop(f"search/{collection}/{name}-{number}", content, REJECTED)
        yield Drop(f"index/nobody-knows-it/{number}.jpg", someone, REJECTED)
        yield Drop(f"search/{number}.jpg", someone, REJECTED)


def portrait(dice: random.Random) -> bytes:
    """One face, varied so that no two portraits are alike: crop, scale, mirror, brightness."""
    picture = _sample(dice.choice(_PORTRAITS))
    edges = (dice.randrange(12), dice.randrange(12), dice.randrange(12), dice.randrange(12))
    picture = ImageOps.crop(picture, edges)
    picture = ImageOps.scale(picture, dice.uniform(0.8, 1.1))
    if dice.random() < 0.5:
        picture = ImageOps.mirror(picture)
    return _encoded(ImageEnhance.Brightness(picture).enhance(dice.uniform(0.75, 1.25)), "JPEG")


def nobody(kind: str = "PNG") -> bytes:
    return _encoded(Image.new("RGB", (200, 200), "teal"), kind)


@cache
def _sample(name: str) -> Image.Image:
    with Image.open(PHOTOS / f"{name}.jpg") as photo:
        return ImageOps.contain(photo.convert("RGB"), (_HEIGHT_PX, _HEIGHT_PX))


def _encoded(picture: Image.Image, kind: str) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind)
    return content.getvalue()
