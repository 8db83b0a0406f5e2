"""Each of Rekognition's reasons for dropping a face, and flaws that are no reason."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semblance.model.detected import Box, DetectedFace, Judged, Pose, Quality
from semblance.vision.engine import Engine
from semblance.vision.packs.loading import load_pack

FILTERS = ("AUTO", "LOW", "MEDIUM", "HIGH")


@pytest.fixture(scope="module", params=["open", "scrfd"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """An engine without models: judging quality needs none."""
    return Engine(load_pack(request.param, Path("nowhere")))


def judged(*, norm: float) -> Judged:
    return Judged(np.zeros((112, 112, 3), np.uint8), np.zeros(160, np.float32), norm)


@pytest.fixture
def face() -> DetectedFace:
    return DetectedFace(
        box=Box(0.1, 0.1, 0.3, 0.4),
        confidence=99.9,
        landmarks={},
        pose=Pose(0.0, 0.0, 0.0),
        quality=Quality(brightness=50.0, sharpness=95.0),
        judged=judged(norm=4.0),
        shift=0.01,
        height_px=300.0,
        yaw_proxy=0.02,
    )


@pytest.mark.parametrize("quality_filter", ["NONE", *FILTERS])
def test_a_good_face_is_kept(engine: Engine, face: DetectedFace, quality_filter: str) -> None:
    assert engine.quality_reasons(face, quality_filter) == ()


@pytest.mark.parametrize(
    ("flaw", "reason", "filters"),
    [
        ({"judged": judged(norm=2.1)}, "LOW_FACE_QUALITY", FILTERS),
        ({"judged": judged(norm=2.3), "shift": 0.12}, "LOW_FACE_QUALITY", FILTERS),
        ({"judged": judged(norm=2.3)}, "LOW_FACE_QUALITY", ("HIGH",)),
        (
            {"judged": judged(norm=2.3), "confidence": 99.0},
            "LOW_FACE_QUALITY",
            ("AUTO", "MEDIUM", "HIGH"),
        ),
        ({"judged": judged(norm=2.5), "confidence": 99.0}, "LOW_FACE_QUALITY", ("HIGH",)),
        (
            {"judged": judged(norm=3.1), "shift": 0.05},
            "LOW_FACE_QUALITY",
            ("AUTO", "MEDIUM", "HIGH"),
        ),
        ({"shift": 0.07}, "LOW_FACE_QUALITY", ("AUTO", "MEDIUM", "HIGH")),
        ({"shift": 0.4}, "LOW_FACE_QUALITY", FILTERS),
        ({"quality": Quality(50.0, 39.0)}, "LOW_SHARPNESS", FILTERS),
        ({"quality": Quality(50.0, 69.0)}, "LOW_SHARPNESS", ("AUTO", "MEDIUM", "HIGH")),
        ({"quality": Quality(50.0, 84.0)}, "LOW_SHARPNESS", ("HIGH",)),
        ({"quality": Quality(19.0, 95.0)}, "LOW_BRIGHTNESS", ("HIGH",)),
        ({"quality": Quality(86.0, 95.0)}, "LOW_FACE_QUALITY", ("HIGH",)),
        ({"height_px": 21.0}, "SMALL_BOUNDING_BOX", FILTERS),
        ({"height_px": 35.0}, "SMALL_BOUNDING_BOX", ("AUTO", "MEDIUM", "HIGH")),
        ({"height_px": 53.0}, "SMALL_BOUNDING_BOX", ("HIGH",)),
        ({"confidence": 79.0}, "LOW_CONFIDENCE", FILTERS),
        ({"confidence": 96.0}, "LOW_CONFIDENCE", ("AUTO", "MEDIUM", "HIGH")),
        ({"yaw_proxy": 0.26}, "EXTREME_POSE", ("HIGH",)),
        ({"yaw_proxy": -0.26}, "EXTREME_POSE", ("HIGH",)),
    ],
)
def test_a_flaw_is_named_by_the_filters_that_drop_it(
    engine: Engine,
    face: DetectedFace,
    flaw: dict[str, object],
    reason: str,
    filters: tuple[str, ...],
) -> None:
    flawed = replace(face, **flaw)  # type: ignore[arg-type]
    for quality_filter in FILTERS:
        expected = (reason,) if quality_filter in filters else ()
        assert engine.quality_reasons(flawed, quality_filter) == expected
    assert engine.quality_reasons(flawed, "NONE") == ()


def test_all_flaws_are_named(engine: Engine, face: DetectedFace) -> None:
    hopeless = replace(
        face,
        judged=judged(norm=1.0),
        quality=Quality(1.0, 1.0),
        height_px=9.0,
        shift=1.0,
        confidence=50.0,
        yaw_proxy=1.0,
    )
    assert set(engine.quality_reasons(hopeless, "HIGH")) == {
        "EXTREME_POSE",
        "LOW_BRIGHTNESS",
        "LOW_SHARPNESS",
        "LOW_CONFIDENCE",
        "SMALL_BOUNDING_BOX",
        "LOW_FACE_QUALITY",
    }
