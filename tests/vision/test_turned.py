"""Pictures that lie on their side: faces are found, with coordinates in the original picture."""

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from semblance.model.detected import Judged
from semblance.vision.face.align import TEMPLATE
from semblance.vision.face.found import FoundFace
from semblance.vision.finding.turned import TURNED, TurningFinder, turn_back
from semblance.vision.packs.specs import Turned
from semblance.vision.picture.decode import decode
from semblance.vision.picture.geometry import apply, square
from semblance.vision.picture.picture import PictureSource
from tests.vision import pictures
from tests.vision.conftest import Engines, Photo, cosine

SIZE = (60, 40)
DOT = (50, 10)
TURNED_LOOK = Turned(quarters=(1, 2, 3), long_sides=(480,), norm=3.2)


class DotFinder:
    """Finds the white pixel, as a face, only in the upper left quarter."""

    def __init__(self, norm: float = 4.0, *, leaning: bool = False) -> None:
        self.looks = 0
        self._leaning = leaning
        self._norm = norm

    def find_largest(self, photo: PictureSource) -> FoundFace | None:
        return None

    def find_upright(
        self, photo: PictureSource, long_sides: tuple[int, ...]
    ) -> Iterator[FoundFace]:
        assert long_sides == TURNED_LOOK.long_sides
        return self.find(photo)

    def find(self, photo: PictureSource) -> Iterator[FoundFace]:
        self.looks += 1
        picture = photo.picture(1).level(1).pixels
        ((y, x),) = np.argwhere(np.asarray(picture.convert("L")) == 255)
        if x < picture.width / 2 and y < picture.height / 2:
            box = np.array([x, y, x + 1, y + 1], np.float64)
            points = apply(square(np.array([56, 56]), 112, 1), TEMPLATE) + box[:2]
            if self._leaning:
                points = points[:, ::-1] * (1, -1)
            judged = Judged(np.zeros((112, 112, 3), np.uint8), np.zeros(160), self._norm)
            yield FoundFace(box, 0.9, points, points, 0.0, judged)


def dotted(x: int, y: int) -> pictures.PlainPhoto:
    picture = Image.new("RGB", SIZE)
    picture.putpixel((x, y), (255, 255, 255))
    return pictures.PlainPhoto(picture)


@pytest.mark.parametrize("dot", [(50, 10), (50, 30), (10, 30)])
def test_a_face_in_a_turned_picture_has_coordinates_in_the_original(dot: tuple[int, int]) -> None:
    (face,) = TurningFinder(DotFinder(), TURNED_LOOK).find(dotted(*dot))
    x, y = dot
    assert face.box == pytest.approx((x, y, x + 1, y + 1))
    assert face.five.mean(axis=0) == pytest.approx((x + 0.5, y + 0.5), abs=0.2)
    assert face.landmarks == pytest.approx(face.five)


def test_turned_pictures_are_not_tried_once_a_face_is_found() -> None:
    finder = DotFinder()
    assert len(list(TurningFinder(finder, TURNED_LOOK).find(dotted(10, 10)))) == 1
    assert finder.looks == 1


def test_a_face_must_be_upright_in_the_turned_picture() -> None:
    finder = TurningFinder(DotFinder(leaning=True), TURNED_LOOK)
    assert len(list(finder.find(dotted(10, 10)))) == 1
    assert list(finder.find(dotted(*DOT))) == []


def test_a_weak_face_counts_only_in_the_picture_as_it_is() -> None:
    finder = TurningFinder(DotFinder(norm=3.0), TURNED_LOOK)
    assert len(list(finder.find(dotted(10, 10)))) == 1
    assert list(finder.find(dotted(*DOT))) == []


@pytest.mark.parametrize("quarters", TURNED)
def test_turning_back_is_the_inverse_of_pillows_transpose(quarters: int) -> None:
    turned = dotted(*DOT).pixels.transpose(TURNED[quarters]).convert("L")
    ((y, x),) = np.argwhere(np.asarray(turned) == 255)
    (back,) = apply(turn_back(SIZE, quarters), np.array([[x + 0.5, y + 0.5]]))
    assert back == pytest.approx((DOT[0] + 0.5, DOT[1] + 0.5))


@pytest.mark.model
@pytest.mark.parametrize("name", ["obama.jpg", "obama2.jpg", "newton.png"])
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_portrait_is_found_however_it_lies(
    engines: Engines, photo: Photo, name: str, turn: int
) -> None:
    picture = decode(photo(name))
    picture.thumbnail((700, 700), Image.Resampling.HAMMING)
    (upright,) = engines["open"].find_faces(pictures.png(picture))
    turned = picture.rotate(-turn, expand=True)
    face = engines["open"].find_faces(pictures.png(turned), largest_only=True)[0]
    assert cosine(engines["open"], face, upright) > 0.8
    off = (face.pose.roll - upright.pose.roll - turn + 180) % 360 - 180
    assert abs(off) < 10
