"""Converts found faces to Rekognition's units: fractions of the picture, names, percentages."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from semblance.model.detected import Box, DetectedFace, Pose
from semblance.vision.face import align, quality
from semblance.vision.face.attributes import Judgements
from semblance.vision.face.found import FoundFace
from semblance.vision.face.landmarks import named_points
from semblance.vision.packs.specs import DetectorSpec, Knots
from semblance.vision.picture.boxes import visible_area

JudgeAttributes = Callable[[FoundFace, Pose], Judgements]

MAX_SCORE = 1 - 1e-9
"""Scores are cut here: log10(1 - score) has no value at a score of 1."""


def describe(
    found: Iterable[FoundFace],
    size: tuple[int, int],
    detector: DetectorSpec,
    judge: JudgeAttributes | None,
) -> list[DetectedFace]:
    """Sorted by the area of the box inside the picture of `size` (width, height), largest first,
    then by score. Without `judge` a face has five landmarks and no attributes."""
    ordered = sorted(found, key=lambda face: (-visible_area(face.box, size), -face.score))
    return [_describe(face, size, detector.confidence, judge) for face in ordered]


def confidence(score: float, knots: Knots) -> float:
    """Percent, linear in -log10(1 - score) between the knots: near 1, where most scores lie, this
    keeps them apart."""
    nines = [-math.log10(1 - min(x, MAX_SCORE)) for x, _ in knots]
    return float(np.interp(-math.log10(1 - min(score, MAX_SCORE)), nines, [y for _, y in knots]))


def _describe(
    face: FoundFace, size: tuple[int, int], knots: Knots, judge: JudgeAttributes | None
) -> DetectedFace:
    width, height = size
    left, top, right, bottom = face.box.tolist()
    pose = align.pose(face.five)
    points = named_points(face.five, face.landmarks if judge else None)
    return DetectedFace(
        box=Box(left / width, top / height, (right - left) / width, (bottom - top) / height),
        confidence=confidence(face.score, knots),
        landmarks={name: (x / width, y / height) for name, (x, y) in points.items()},
        pose=pose,
        quality=quality.measure(face.judged.crop),
        judged=face.judged,
        shift=face.shift,
        height_px=bottom - top,
        yaw_proxy=align.yaw_proxy(face.five),
        **(judge(face, pose) if judge else {}),
    )
