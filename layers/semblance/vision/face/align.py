"""The five points that a face is aligned by, and what they say of how it is turned."""

from __future__ import annotations

import math

import numpy as np

from semblance.model.detected import Pose
from semblance.vision.picture.geometry import Affine, Points, apply, similarity

ALIGNED_PX = 112
HALF_PIXEL = 0.5
"""From coordinates that count from pixel centres, as the template's do, to continuous ones."""
TEMPLATE: Points = HALF_PIXEL + np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)
"""ArcFace's: left eye, right eye, nose, left and right corner of the mouth on 112 x 112."""

MODEL_3D = np.array(
    [[-0.5, 0, 0], [0.5, 0, 0], [0, 0.611, -0.70], [-0.43, 1.01, 0], [0.43, 1.01, 0]]
)
"""The same five on an average head in eye distances: y down, z away from the camera."""

_HEAD = MODEL_3D - MODEL_3D.mean(axis=0)
FROM_HEAD = _HEAD @ np.linalg.inv(_HEAD.T @ _HEAD)
"""(5, 3): what seen points are multiplied with to give the projection that shows the head so."""


def to_aligned(five: Points) -> Affine:
    return similarity(five, TEMPLATE)


def eye_distance(five: Points) -> float:
    """Never 0: what is divided by it becomes absurd instead, and is refused as such."""
    return max(math.dist(five[0], five[1]), 1e-6)


def yaw_proxy(five: Points) -> float:
    """How far right of the eyes' middle the nose lies, in eye distances, after alignment."""
    aligned = apply(to_aligned(five), five)
    across = aligned[1, 0] - aligned[0, 0]
    return float((aligned[2, 0] - aligned[:2, 0].mean()) / max(across, 1e-6))


def roll(five: Points) -> float:
    """Degrees, clockwise on the screen."""
    to_template = to_aligned(five)
    return -math.degrees(math.atan2(to_template[1, 0], to_template[0, 0]))


def pose(five: Points) -> Pose:
    """The head's angles, from how the five points of an average head project to these.

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
