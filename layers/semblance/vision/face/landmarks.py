"""The 68 landmarks of a face in iBUG's order, and the points and box derived from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from semblance.vision.face.align import TEMPLATE, eye_distance, roll, yaw_proxy
from semblance.vision.network import Network
from semblance.vision.picture.geometry import (
    LUMA,
    Affine,
    Points,
    apply,
    invert,
    quarter_turn,
    similarity,
    square,
)
from semblance.vision.picture.picture import Picture

CROP_PX = 64
FIVE_ON_CROP = ((TEMPLATE - TEMPLATE.mean(axis=0)) / 112 * 1.1 + 0.5) * CROP_PX
"""(5, 2): where the five points lie on the crop that the network was trained on."""

NEAR_PROFILE = 0.35
"""From this yaw proxy on, five points are too inaccurate to crop by: the box gives the crop."""
PROFILE_DROP = 0.065
"""Offset of that crop below the centre of the box, in box heights."""

FOREHEAD = 0.377
"""Height of the forehead, which no landmark marks, per height of the landmarks' bounding box."""

POINTS_OF = {
    "eyeLeft": range(36, 42),
    "eyeRight": range(42, 48),
    "mouthLeft": (48,),
    "mouthRight": (54,),
    "nose": (30,),
    "leftEyeBrowLeft": (17, 18),
    "leftEyeBrowRight": (20, 21),
    "leftEyeBrowUp": (19,),
    "rightEyeBrowLeft": (22, 23),
    "rightEyeBrowRight": (25, 26),
    "rightEyeBrowUp": (24,),
    "leftEyeLeft": (36,),
    "leftEyeRight": (39,),
    "leftEyeUp": (37, 38),
    "leftEyeDown": (40, 41),
    "rightEyeLeft": (42,),
    "rightEyeRight": (45,),
    "rightEyeUp": (43, 44),
    "rightEyeDown": (46, 47),
    "noseLeft": (31,),
    "noseRight": (35,),
    "mouthUp": (51,),
    "mouthDown": (57,),
    "leftPupil": range(36, 42),
    "rightPupil": range(42, 48),
    "upperJawlineLeft": (0,),
    "midJawlineLeft": (4,),
    "chinBottom": (8,),
    "midJawlineRight": (12,),
    "upperJawlineRight": (16,),
}
"""Rekognition's names, left being the image's left. Each point is the mean of these landmarks."""

FIVE = ("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight")
"""The points of the alignment template, in its order."""

PUPILS = {"leftPupil": "eyeLeft", "rightPupil": "eyeRight"}


def _means(names: Collection[str]) -> NDArray[np.float64]:
    """(names, 68): weights that average landmarks to the named points."""
    weights = np.zeros((len(names), 68))
    for row, name in zip(weights, names, strict=True):
        row[list(POINTS_OF[name])] = 1 / len(POINTS_OF[name])
    return weights


TO_FIVE = _means(FIVE)
TO_NAMED = _means(POINTS_OF)


class Landmarker:
    def __init__(self, network: Network) -> None:
        self._network = network

    def locate(self, picture: Picture, to_crop: Affine) -> Points:
        """(68, 2), in pixels of the picture, of the face that `to_crop` brings upright."""
        gray = picture.warp(to_crop, CROP_PX) @ LUMA
        (fractions,) = self._network.run(gray)
        assert fractions.shape == (1, 136), fractions.shape
        on_crop = fractions.reshape(68, 2).astype(np.float64) * CROP_PX
        return apply(invert(to_crop), on_crop)


def crop_around(box: NDArray[np.float64], drop: float, quarter_turns: int = 0) -> Affine:
    """The transform to a crop as high as the box, moved down by `drop` box heights and then turned
    around its centre."""
    height = box[3] - box[1]
    centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2 + drop * height])
    return square(centre, height, CROP_PX, quarter_turns)


def crop_from(five: Points, box: NDArray[np.float64], quarter_turns: int = 0) -> Affine:
    """The transform to the crop that the network was trained on, from the five points; from the
    box when the face is near profile."""
    if is_near_profile(five):
        return crop_around(box, PROFILE_DROP, quarter_turns)
    return similarity(five, FIVE_ON_CROP)


def is_near_profile(five: Points) -> bool:
    return abs(yaw_proxy(five)) >= NEAR_PROFILE


def five_points(landmarks: Points) -> Points:
    """(5, 2), in the template's order, from the 68 landmarks."""
    assert landmarks.shape == (68, 2), landmarks.shape
    five: Points = TO_FIVE @ landmarks
    return five


def named_points(five: Points, landmarks: Points | None) -> dict[str, tuple[float, float]]:
    """Rekognition's names to (x, y); without `landmarks`, the five alone. The five are those that
    the face was aligned by, not means of the 68; pupils equal the eyes."""
    points = {} if landmarks is None else _named(POINTS_OF, TO_NAMED @ landmarks)
    points |= _named(FIVE, five)
    return points | {pupil: points[eye] for pupil, eye in PUPILS.items() if pupil in points}


def _named(names: Iterable[str], points: Points) -> dict[str, tuple[float, float]]:
    return {name: (x, y) for name, (x, y) in zip(names, points.tolist(), strict=True)}


def face_box(landmarks: Points, five: Points) -> NDArray[np.float64]:
    """(4,): box of the whole face. The forehead is added on the side nearest to the face's up."""
    to_upright = quarter_turn(round(-roll(five) / 90))
    upright = landmarks @ to_upright.T
    low, high = upright.min(axis=0), upright.max(axis=0)
    low[1] -= FOREHEAD * (high[1] - low[1])
    corners = np.array([low, high]) @ to_upright
    return np.concatenate([corners.min(axis=0), corners.max(axis=0)])


def shift_between(first: Points, second: Points) -> float:
    """Mean distance between two estimates of the five points, in eye distances of the second."""
    moved = np.linalg.norm(second - first, axis=1).mean()
    return float(moved / eye_distance(second))
