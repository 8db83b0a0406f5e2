"""Alignment of a face by five landmarks, and the head pose that they show."""

from __future__ import annotations

import math

import numpy as np

from semblance.model.detected import Pose
from semblance.vision.picture.geometry import HALF_PIXEL, Affine, Points, apply, similarity

ALIGNED_PX = 112
TEMPLATE: Points = HALF_PIXEL + np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)
"""ArcFace's alignment template (InsightFace's `arcface_dst`) on 112 x 112 pixels: left eye, right
eye, nose, left and right mouth corner."""

MODEL_3D = np.array(
    [[-0.5, 0, 0], [0.5, 0, 0], [0, 0.611, -0.70], [-0.43, 1.01, 0], [0.43, 1.01, 0]]
)
"""The same five points on an average head, in eye distances: y down, z away from the camera."""

_HEAD = MODEL_3D - MODEL_3D.mean(axis=0)
FROM_HEAD = _HEAD @ np.linalg.inv(_HEAD.T @ _HEAD)
"""(5, 3): pseudo-inverse of the head model. 2-D points times this give the 2 x 3 projection."""


def to_aligned(five: Points) -> Affine:
    """The transform from the picture to the aligned 112 x 112 crop."""
    return similarity(five, TEMPLATE)


def eye_distance(five: Points) -> float:
    """Pixels, never 0. Coinciding eyes give absurd quotients instead, which fail later checks."""
    return max(math.dist(five[0], five[1]), 1e-6)


def yaw_proxy(five: Points) -> float:
    """Offset of the nose to the right of the midpoint of the eyes, in eye distances, after
    alignment: 0 for a frontal face."""
    aligned = apply(to_aligned(five), five)
    across = aligned[1, 0] - aligned[0, 0]
    return float((aligned[2, 0] - aligned[:2, 0].mean()) / max(across, 1e-6))


def roll(five: Points) -> float:
    """In-plane rotation in degrees, clockwise on the screen."""
    to_template = to_aligned(five)
    return -math.degrees(math.atan2(to_template[1, 0], to_template[0, 0]))


def pose(five: Points) -> Pose:
    """Head pose in degrees, from the projection of an average head that fits the five points best.

    An open mouth moves pitch up by 10 to 15 degrees, a smile down by 8 to 12."""
    projection = (five - five.mean(axis=0)).T @ FROM_HEAD
    left, _, right = np.linalg.svd(projection, full_matrices=False)
    across, down = left @ right
    rotation = np.array([across, down, np.cross(across, down)])
    assert rotation.shape == (3, 3), rotation.shape
    x, y, z = rotation @ [0, 0, -1]  # where the nose points
    return Pose(
        roll=roll(five),
        yaw=_clamped(math.degrees(math.atan2(x, -z))),
        pitch=math.degrees(math.asin(min(max(-y, -1.0), 1.0))),
    )


def _clamped(degrees: float) -> float:
    return min(max(degrees, -90.0), 90.0)
