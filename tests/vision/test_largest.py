"""The largest face alone: a quick look where it suffices, with the same result as a full one."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from semblance.model.detected import Box
from semblance.vision.engine import Engine
from semblance.vision.finding.finder import Finder
from semblance.vision.finding.finders import make_finder
from semblance.vision.finding.largest import clearly_largest
from semblance.vision.finding.spread import Spread
from semblance.vision.packs.loading import load_pack
from semblance.vision.packs.specs import QuickLook
from semblance.vision.picture.decode import decode, open_photo
from tests.vision import pictures
from tests.vision.conftest import MODELS, Photo, cosine
from tests.vision.test_reference import PACKS, PHOTOS

model = pytest.mark.model

SAME_FACE = 0.98
"""Minimum cosine between a quick look's embedding and the full one's. The lowest of about 400
photos was 0.983."""

Change = Callable[[Image.Image], Image.Image]


def scaled(long_side: int) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        scale = long_side / max(picture.size)
        size = (max(80, round(picture.width * scale)), max(80, round(picture.height * scale)))
        return picture.resize(size, Image.Resampling.HAMMING)

    return change


def padded(picture: Image.Image) -> Image.Image:
    """The picture on a canvas three times as wide and high, so that it is a ninth of the area."""
    wide = Image.new("RGB", (picture.width * 3, picture.height * 3), (110, 120, 100))
    wide.paste(picture, (picture.width * 2, picture.height // 2))
    return scaled(1500)(wide)


def cut(*sides: float) -> Change:
    """Keeps this part of the picture; the sides are fractions of its width and height."""

    def change(picture: Image.Image) -> Image.Image:
        width, height = picture.size
        left, top, right, bottom = sides
        box = (left * width, top * height, right * width, bottom * height)
        return picture.crop(tuple(round(side) for side in box))

    return change


CHANGES: dict[str, Change] = {
    "as it is": lambda picture: picture,
    "large": scaled(2600),
    "small": scaled(400),
    "padded": padded,
    "left half": cut(0, 0, 0.55, 1),
    "upper half": cut(0, 0, 1, 0.45),
}


@pytest.fixture(scope="module")
def finders() -> dict[str, Finder]:
    return {pack: make_finder(load_pack(pack, MODELS), Spread(threads=1)) for pack in PACKS}


@model
@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("change", CHANGES)
def test_the_largest_face_alone_is_the_first_of_all(
    engine: Engine, photo: Photo, name: str, change: str
) -> None:
    file = pictures.jpeg(CHANGES[change](decode(photo(name))))
    alone = engine.find_faces(file, largest_only=True)
    every = engine.find_faces(file)
    assert len(alone) == min(len(every), 1)
    for one, first in zip(alone, every, strict=False):
        assert shared(one.box, first.box) > 0.85
        assert cosine(engine, one, first) > SAME_FACE
        assert one.height_px == pytest.approx(first.height_px, rel=0.1)
        assert one.quality.brightness == pytest.approx(first.quality.brightness, abs=3)


@model
@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("name", ["biden.jpg", "obama.jpg", "obama2.jpg", "obama3.jpg"])
def test_a_quick_look_is_enough_for_a_portrait(
    finders: dict[str, Finder], photo: Photo, pack: str, name: str
) -> None:
    assert finders[pack].find_largest(open_photo(photo(name)))


@model
@pytest.mark.parametrize("pack", PACKS)
def test_a_quick_look_leaves_doubtful_pictures_to_a_full_one(
    finders: dict[str, Finder], photo: Photo, portrait: Image.Image, pack: str
) -> None:
    twice = Image.new("RGB", (portrait.width * 2, portrait.height))
    for place in (0, portrait.width):
        twice.paste(portrait, (place, 0))
    far = Image.new("RGB", (4000, 4000), "gray")
    far.paste(portrait, (1000, 1000))
    upside_down = portrait.transpose(Image.Transpose.ROTATE_180)
    nobody = Image.new("RGB", (600, 400), "teal")
    for picture in (twice, far, upside_down, nobody):
        assert finders[pack].find_largest(open_photo(pictures.jpeg(picture))) is None
    assert finders[pack].find_largest(open_photo(photo("solvay_conference_1927.jpg"))) is None


LOOK = QuickLook(long_sides=(320, 160), min_height_px=40, score=0.98)


@pytest.mark.parametrize(
    ("boxes", "place"),
    [
        ([], None),
        ([(0, 0, 100, 100)], 0),
        ([(0, 0, 50, 50), (100, 0, 200, 100)], 1),
        ([(0, 0, 80, 80), (100, 0, 200, 100)], None),  # 64 % of the largest
        ([(0, 0, 20, 20)], None),  # 20 px high on a canvas of 320
        ([(-90, 0, 110, 200), (400, 0, 520, 120)], None),  # the part outside does not count
        ([(-20, 0, 180, 200)], None),  # a tenth of the face lies outside
        ([(-8, 0, 192, 200)], 0),
    ],
)
def test_clearly_the_largest(boxes: list[tuple[int, ...]], place: int | None) -> None:
    array = np.array(boxes, np.float64).reshape(-1, 4)
    assert clearly_largest(array, (640, 480), LOOK) == place


def shared(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    common = max(width, 0) * max(height, 0)
    return common / (one.width * one.height + other.width * other.height - common)
