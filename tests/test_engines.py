"""Behaviour that the fake engine shares with the real one. A fake that goes stale fails here."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from semblance import errors
from semblance.model.detected import DetectedFace
from semblance.service import Engine
from semblance.vision import engine as vision
from semblance.vision.packs.loading import load_pack
from tests.world import fakes

LOCAL = Path(__file__).parents[1] / ".local"
FILTERS = ("NONE", "LOW", "MEDIUM", "HIGH")
DEFAULT_LANDMARKS = {"eyeLeft", "eyeRight", "mouthLeft", "mouthRight", "nose"}

JUDGED = {"SMILE": "smile", "MOUTH_OPEN": "mouth_open", "EYES_OPEN": "eyes_open"}


@dataclass(frozen=True)
class Subject:
    """An engine, and pictures for it: one face, the same person again, several people, nobody."""

    engine: Engine
    one: bytes
    again: bytes
    several: bytes
    nobody: bytes


def fake() -> Subject:
    pictures = [fakes.picture("ann"), fakes.picture("ann", shot=1), fakes.picture(*"abc")]
    return Subject(fakes.FakeEngine(), *pictures, nobody=fakes.picture())


def real(pack: str) -> Subject:
    names = ("obama.jpg", "obama2.jpg", "solvay_conference_1927.jpg")
    pictures = [(LOCAL / "photos" / name).read_bytes() for name in names]
    engine = vision.Engine(load_pack(pack, LOCAL / "models"))
    return Subject(engine, *pictures, nobody=fakes.plain_png())


@pytest.fixture(
    scope="module",
    params=[
        "fake",
        pytest.param("open", marks=pytest.mark.model),
        pytest.param("scrfd", marks=pytest.mark.model),
    ],
)
def subject(request: pytest.FixtureRequest) -> Subject:
    return fake() if request.param == "fake" else real(request.param)


@pytest.fixture(scope="module")
def crowd(subject: Subject) -> list[DetectedFace]:
    return subject.engine.find_faces(subject.several)


def test_faces_come_largest_first(crowd):
    areas = [face.box.width * face.box.height for face in crowd]
    assert len(areas) > 1
    assert areas == sorted(areas, reverse=True)


def test_an_embedding_has_the_codecs_size_and_unit_length(subject, crowd):
    for face in crowd:
        assert face.embedding.shape == (subject.engine.codec.size,)
        assert face.embedding.dtype == np.float32
        assert np.linalg.norm(face.embedding) == pytest.approx(1, abs=1e-5)


def test_numbers_are_in_their_ranges(crowd):
    for face in crowd:
        assert 0 < face.confidence <= 100
        assert 0 <= face.quality.brightness <= 100
        assert 0 <= face.quality.sharpness <= 100
        assert face.norm > 0
        assert face.height_px > 0
        assert face.landmarks.keys() >= DEFAULT_LANDMARKS


def test_the_largest_alone_is_the_first_of_all(subject, crowd):
    largest = subject.engine.find_faces(subject.several, largest_only=True)[0]
    assert largest.box == crowd[0].box
    assert np.array_equal(largest.embedding, crowd[0].embedding)


def test_two_pictures_of_one_person_are_similar_and_of_two_people_are_not(subject, crowd):
    (one,) = subject.engine.find_faces(subject.one)
    (again,) = subject.engine.find_faces(subject.again)
    assert one.embedding @ again.embedding > 0.54
    assert max(one.embedding @ face.embedding for face in crowd) < 0.365


def test_the_same_picture_gives_the_same_faces(subject):
    first, second = (subject.engine.find_faces(subject.one)[0] for _ in range(2))
    assert first.box == second.box
    assert np.array_equal(first.embedding, second.embedding)


def test_without_requested_attributes_nothing_is_judged(subject):
    (face,) = subject.engine.find_faces(subject.one)
    assert (face.smile, face.mouth_open, face.eyes_open) == (None, None, None)


@pytest.mark.parametrize("asked", [{"SMILE"}, {"MOUTH_OPEN"}, {"EYES_OPEN"}, set(JUDGED)])
def test_only_the_requested_attributes_are_judged(subject, asked):
    (face,) = subject.engine.find_faces(subject.one, attributes={*asked, "EMOTIONS"})
    judgements = {name: getattr(face, field) for name, field in JUDGED.items()}
    assert {name for name, judgement in judgements.items() if judgement} == asked
    assert all(50 <= judgements[name].confidence <= 100 for name in asked)


def test_eyes_are_never_said_to_be_closed(subject):
    for face in subject.engine.find_faces(subject.several, attributes=["EYES_OPEN"]):
        assert face.eyes_open is None or face.eyes_open.value


def test_requesting_attributes_changes_nothing_else_about_a_face(subject):
    (plain,) = subject.engine.find_faces(subject.one)
    (judged,) = subject.engine.find_faces(subject.one, attributes=list(JUDGED))
    assert judged.box == plain.box
    assert judged.pose == plain.pose
    assert np.array_equal(judged.embedding, plain.embedding)


def test_a_picture_without_a_face_is_no_error(subject):
    assert subject.engine.find_faces(subject.nobody) == []


def test_a_file_that_is_no_picture_is_refused(subject):
    with pytest.raises(errors.InvalidImageFormatException):
        subject.engine.find_faces(b"text")


def test_a_stricter_filter_keeps_no_face_that_a_laxer_one_drops(subject, crowd):
    kept = [
        {place for place, face in enumerate(crowd) if not subject.engine.quality_reasons(face, f)}
        for f in FILTERS
    ]
    assert kept[0] == set(range(len(crowd)))
    assert kept[0] >= kept[1] >= kept[2] >= kept[3]


def test_auto_means_medium(subject, crowd):
    for face in crowd:
        auto, medium = (subject.engine.quality_reasons(face, f) for f in ("AUTO", "MEDIUM"))
        assert auto == medium
