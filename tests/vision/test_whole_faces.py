"""A face is found whole and alone, upright as it is, and nothing else is taken for one."""

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from bench.wholeness.heaps import PALETTES, draw
from semblance.model.detected import DetectedFace
from semblance.vision.engine import Engine
from semblance.vision.picture.decode import decode
from tests.vision import pictures
from tests.vision.conftest import Photo, cosine
from tests.vision.test_reference import PHOTOS

pytestmark = pytest.mark.model

PORTRAITS = tuple(name for name in PHOTOS if not name.startswith("solvay"))
MIN_SIDE = 80
"""Smaller pictures are refused."""
EYES = ("leftEyeLeft", "leftEyeRight", "rightEyeLeft", "rightEyeRight")


def cosine_at(engine: Engine, similarity: float) -> float:
    return next(cosine for cosine, scale in engine.calibration if scale == similarity)


def own_boxes(picture: Image.Image, faces: list[DetectedFace]) -> Iterator[tuple[int, Image.Image]]:
    for place, face in enumerate(faces):
        left, top = face.box.left * picture.width, face.box.top * picture.height
        right = left + face.box.width * picture.width
        bottom = top + face.box.height * picture.height
        edges = (max(left, 0), max(top, 0), min(right, picture.width), min(bottom, picture.height))
        crop = picture.crop(tuple(int(edge) for edge in edges))
        if min(crop.size) >= MIN_SIDE and bottom - top >= MIN_SIDE:
            yield place, crop


@pytest.mark.parametrize("name", PHOTOS)
def test_a_face_cropped_to_its_own_box_is_found_as_itself_alone(
    engine: Engine, photo: Photo, name: str
) -> None:
    picture = decode(photo(name)).convert("RGB")
    faces = engine.find_faces(photo(name))
    for place, crop in own_boxes(picture, faces):
        file = pictures.jpeg(crop)
        (alone,) = engine.find_faces(file)
        (largest,) = engine.find_faces(file, largest_only=True)
        for found in (alone, largest):
            assert cosine(engine, found, faces[place]) > cosine_at(engine, 80)


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("seed", range(3))
def test_no_face_in_a_heap_of_round_things_is_stored(
    engine: Engine, palette: str, seed: int
) -> None:
    faces = engine.find_faces(draw(palette, seed))
    assert [face for face in faces if not engine.quality_reasons(face, "AUTO")] == []


@pytest.mark.parametrize("name", PORTRAITS)
@pytest.mark.parametrize("light", [0.1, 0.2, 0.35])
def test_a_dark_face_is_not_turned_over(
    engine: Engine, photo: Photo, name: str, light: float
) -> None:
    """A low norm is no sign of a face on its side."""
    picture = decode(photo(name)).convert("RGB")
    picture.thumbnail((640, 640))
    dark = picture.point(lambda value: value * light).filter(ImageFilter.GaussianBlur(1.5))
    for face in engine.find_faces(pictures.jpeg(dark)):
        assert abs(face.pose.roll) < 45


def in_sunglasses(picture: Image.Image, face: DetectedFace) -> Image.Image:
    """Black glasses over both eyes and a bridge between them."""
    worn = picture.copy()
    pen = ImageDraw.Draw(worn)
    size = np.array(picture.size)
    points = {name: np.array(face.landmarks[name]) * size for name in EYES}
    centres = [
        (points[f"{side}EyeLeft"] + points[f"{side}EyeRight"]) / 2 for side in ("left", "right")
    ]
    apart = float(np.linalg.norm(centres[1] - centres[0]))
    for x, y in centres:
        pen.ellipse(
            (x - 0.38 * apart, y - 0.22 * apart, x + 0.38 * apart, y + 0.3 * apart), (12, 12, 14)
        )
    pen.line((*centres[0], *centres[1]), (12, 12, 14), max(2, round(0.06 * apart)))
    return worn


@pytest.mark.parametrize("name", ["biden.jpg", "obama.jpg", "obama2.jpg", "obama3.jpg"])
def test_a_person_in_sunglasses_is_stored_where_a_search_would_match(
    engine: Engine, photo: Photo, name: str
) -> None:
    picture = decode(photo(name)).convert("RGB")
    (bare,) = engine.find_faces(photo(name), attributes=["EYES_OPEN"])
    (worn,) = engine.find_faces(pictures.jpeg(in_sunglasses(picture, bare)))
    assert cosine(engine, worn, bare) > cosine_at(engine, 90)
    assert engine.quality_reasons(worn, "AUTO") == ()
