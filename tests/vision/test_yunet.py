"""YuNet's decoding against OpenCV's own, `FaceDetectorYN`, on public photos."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semblance.vision.finding.yunet import YunetDetector
from semblance.vision.network import Network
from semblance.vision.packs.loading import load_pack
from semblance.vision.picture.boxes import suppress
from semblance.vision.picture.canvas import canvas
from semblance.vision.picture.decode import open_photo
from tests.vision.conftest import MODELS, Photo

pytestmark = pytest.mark.model

REFERENCE = json.loads(
    Path(__file__).with_name("reference-yunet.json").read_text(encoding="utf-8")
)["photos"]

REFERENCE_SCORE = 0.6
"""OpenCV was asked for detections of this score and more."""


@pytest.fixture(scope="module")
def detector() -> YunetDetector:
    spec = load_pack("open", MODELS).detector
    return YunetDetector(spec, Network(spec.net, threads=1))


@pytest.mark.parametrize("name", REFERENCE)
def test_detections_are_those_of_opencv(detector: YunetDetector, photo: Photo, name: str) -> None:
    expected: list[dict[str, Any]] = REFERENCE[name]
    found = detector.detect(canvas(open_photo(photo(name)).picture(1), 640).pixels)
    found = found.of(suppress(found.boxes, found.scores, 0.3))
    found = found.of(np.flatnonzero(found.scores >= REFERENCE_SCORE))
    assert found.fives is not None
    assert found.scores == pytest.approx([face["score"] for face in expected], abs=0.002)
    for box, five, face in zip(found.boxes, found.fives, expected, strict=True):
        assert box == pytest.approx(face["box"], abs=0.2)
        assert np.ravel(five) == pytest.approx(face["five"], abs=0.2)
