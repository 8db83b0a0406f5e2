"""Two detectors with one embedder against a prototype of the same recipes, on public photos."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from semblance.model.detected import DetectedFace
from tests.vision.conftest import Engines, Photo

pytestmark = pytest.mark.model

PHOTOS = (
    "biden.jpg",
    "obama.jpg",
    "obama2.jpg",
    "obama3.jpg",
    "obama_partial_face.jpg",
    "obama_partial_face2.jpg",
    "32bit.png",
    "gauss.png",
    "newton.png",
    "solvay_conference_1927.jpg",
)
PACKS = ("open", "scrfd")
FIVE = ("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight")

# One pixel; for high faces, the share of their height by which another method of averaging moves
# points. The detector's input is 2 to 5 times smaller than the photo, the landmarks' is 64 pixels.
PIXELS = 1.0
HEIGHTS = 0.005


COSINES = {"open": 0.02, "scrfd": 0.04}
"""The prototype aligned SCRFD's faces by the detector's points, the engine by the landmarks."""

Found = dict[tuple[str, str], list[DetectedFace]]
Largest = dict[tuple[str, str], np.ndarray]


@pytest.fixture(scope="module")
def found(reference_engines: Engines, photo: Photo) -> Found:
    return {
        (pack, name): reference_engines[pack].find_faces(photo(name))
        for pack in PACKS
        for name in PHOTOS
    }


@pytest.fixture(scope="module")
def largest(reference_engines: Engines, found: Found) -> Largest:
    """The embedding of each photo's largest face."""
    return {
        (pack, name): reference_engines[pack].embed(faces[:1])[0]
        for (pack, name), faces in found.items()
    }


def pairs(
    found: Found, reference: dict[str, Any], pack: str, name: str
) -> Iterator[tuple[DetectedFace, dict[str, Any], np.ndarray]]:
    """Each listed face as the engine finds it, as the reference has it, and the picture's size."""
    expected = reference["photos"][name]
    size = np.array([expected["width"], expected["height"]])
    for face, values in zip(found[pack, name], expected[pack], strict=False):
        yield face, values, size


def tolerance(face: DetectedFace) -> float:
    return max(PIXELS, HEIGHTS * face.height_px)


def points_tolerance(face: DetectedFace, pack: str) -> float:
    """Landmarks lie up to 0.1 eye distances from SCRFD's own points."""
    return max(2.5, face.height_px / 15) if pack == "scrfd" else tolerance(face)


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("name", PHOTOS)
def test_every_face_is_found_and_nothing_else(
    found: Found, reference: dict[str, Any], pack: str, name: str
) -> None:
    expected = reference["photos"][name]
    assert len(found[pack, name]) == expected.get(f"{pack}_count", len(expected[pack]))


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("name", PHOTOS)
def test_boxes_and_points_lie_where_they_should(
    found: Found, reference: dict[str, Any], pack: str, name: str
) -> None:
    for face, values, size in pairs(found, reference, pack, name):
        corner = np.array([face.box.left, face.box.top])
        extent = np.array([face.box.width, face.box.height])
        box = np.concatenate([corner * size, (corner + extent) * size])
        points = np.array([face.landmarks[point] for point in FIVE]) * size
        assert box == pytest.approx(values["box_ltrb"], abs=tolerance(face))
        assert points.ravel() == pytest.approx(values["points"], abs=points_tolerance(face, pack))


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("name", PHOTOS)
def test_norms(found: Found, reference: dict[str, Any], pack: str, name: str) -> None:
    for face, values, _ in pairs(found, reference, pack, name):
        assert face.judged.norm == pytest.approx(values["norm"], abs=0.1)


@pytest.mark.parametrize("name", PHOTOS)
def test_confidence_quality_and_pose(found: Found, reference: dict[str, Any], name: str) -> None:
    for face, values, _ in pairs(found, reference, "open", name):
        assert face.confidence == pytest.approx(values["confidence"], abs=0.2)
        assert face.quality.sharpness == pytest.approx(values["sharpness"], abs=2)
        assert face.quality.brightness == pytest.approx(values["brightness"], abs=2)
        angles = (face.pose.yaw, face.pose.pitch, face.pose.roll)
        assert angles == pytest.approx(values["yaw_pitch_roll"], abs=1)
        assert face.yaw_proxy == pytest.approx(values["yaw_proxy"], abs=0.01)


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize(("one", "other"), tuple(combinations(PHOTOS, 2)))
def test_cosines_between_the_largest_faces(
    largest: Largest, reference: dict[str, Any], pack: str, one: str, other: str
) -> None:
    cosine = float(largest[pack, one] @ largest[pack, other])
    expected = reference["cosine"][f"{one} | {other}"][pack]
    assert cosine == pytest.approx(expected, abs=COSINES[pack])


@pytest.mark.parametrize("name", PHOTOS)
def test_a_collection_of_one_detector_can_be_searched_with_the_other(
    largest: Largest, reference: dict[str, Any], name: str
) -> None:
    """Aligned by the same landmarks, the two are closer than in the prototype."""
    cosine = float(largest["open", name] @ largest["scrfd", name])
    assert cosine > max(0.97, reference["same_face_open_scrfd"][name] - 0.01)


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("name", PHOTOS)
def test_similarities_by_the_packs_curve(
    reference: dict[str, Any], reference_engines: Engines, pack: str, name: str
) -> None:
    """Where it is steepest the curve turns 0.02 of cosine into up to 8 of similarity."""
    knots = reference_engines[pack].calibration
    for other in PHOTOS[PHOTOS.index(name) + 1 :]:
        expected = reference["cosine"][f"{name} | {other}"]
        similarity = np.interp(expected[pack], [x for x, _ in knots], [y for _, y in knots])
        assert similarity == pytest.approx(expected[f"{pack}_similarity"], abs=0.4)


@pytest.mark.parametrize("pack", PACKS)
def test_faces_come_largest_first(found: Found, pack: str) -> None:
    areas = [face.box.width * face.box.height for face in found[pack, "solvay_conference_1927.jpg"]]
    assert areas == sorted(areas, reverse=True)
