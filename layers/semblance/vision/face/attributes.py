"""Face attributes on request: smile, open mouth, open eyes. Each is stated only of faces on which
it was right when measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection

import numpy as np

from semblance.model.detected import Judgement, Pose
from semblance.vision.face.eyes import EyeReader
from semblance.vision.face.found import FoundFace
from semblance.vision.face.landmarks import five_points
from semblance.vision.picture.geometry import Points, apply, similarity
from semblance.vision.picture.picture import PictureSource

Judgements = dict[str, Judgement | None]
"""Keys are the names of DetectedFace's fields."""

MIN_HEIGHT_PX = 30
MAX_YAW = 45
"""Degrees to either side. On smaller faces and beyond this yaw, landmarks are too inaccurate."""

SMILE_WIDTH, SMILE_LIFT, SMILE_BIAS = 16.54, 20.42, -17.42
MOUTH_OPEN_STEEPNESS, MOUTH_OPEN_GAP = 50, 0.08
"""Coefficients of logistic rules over eye distances, fitted to faces that a person labelled."""
MOUTH_MIDDLE = (51, 57, 62, 66)
MOUTH_CORNERS = (48, 54)
INNER_LIPS = ((61, 67), (62, 66), (63, 65))
"""Landmark indices; pairs are of the upper and the lower lip."""

MAX_YAW_OF_EYES = 30
MAX_CLOSED = 0.1
"""EyesOpen is stated when the probability of closed eyes is below this. Closed eyes are never
stated: sunglasses and darkness look the same."""

LEVEL_EYES = np.array([[0.0, 0.0], [1.0, 0.0]])


def judge(
    face: FoundFace,
    pose: Pose,
    photo: PictureSource,
    asked: Collection[str],
    eyes: Callable[[], EyeReader],
) -> Judgements:
    """The attributes in `asked` (Rekognition's names) that can be judged; None is "cannot say".
    `eyes` is called only when eyes are judged, since it loads a model."""
    judgements: Judgements = {}
    if face.box[3] - face.box[1] < MIN_HEIGHT_PX or abs(pose.yaw) > MAX_YAW:
        return judgements
    level = levelled(face.landmarks)
    if "SMILE" in asked:
        judgements["smile"] = _either_way(smiling(level))
    if "MOUTH_OPEN" in asked:
        judgements["mouth_open"] = _either_way(mouth_open(level))
    if "EYES_OPEN" in asked and abs(pose.yaw) <= MAX_YAW_OF_EYES:
        judgements["eyes_open"] = _open(eyes().closed(photo.picture(1), face.landmarks))
    return judgements


def levelled(landmarks: Points) -> Points:
    """The (68, 2) landmarks in eye distances, rotated so that the eyes are level."""
    return apply(similarity(five_points(landmarks)[:2], LEVEL_EYES), landmarks)


def smiling(level: Points) -> float:
    """Probability of a smile: a wide mouth with its corners above its middle."""
    left, right = level[list(MOUTH_CORNERS)]
    lift = level[list(MOUTH_MIDDLE), 1].mean() - (left[1] + right[1]) / 2
    return _sigmoid(SMILE_WIDTH * math.dist(left, right) + SMILE_LIFT * lift + SMILE_BIAS)


def mouth_open(level: Points) -> float:
    """Probability of an open mouth, from the gap between the inner lips."""
    upper, lower = (level[list(lip)] for lip in zip(*INNER_LIPS, strict=True))
    gap = np.linalg.norm(upper - lower, axis=1).mean()
    return _sigmoid(MOUTH_OPEN_STEEPNESS * (gap - MOUTH_OPEN_GAP))


def _either_way(likely: float) -> Judgement:
    return Judgement(likely > 0.5, 100 * max(likely, 1 - likely))


def _open(closed: float) -> Judgement | None:
    return Judgement(True, 100 * (1 - closed)) if closed < MAX_CLOSED else None


def _sigmoid(x: float) -> float:
    return (1 + math.tanh(x / 2)) / 2  # equals 1 / (1 + exp(-x)), which may overflow
