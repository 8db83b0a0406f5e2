"""FoundFace: a face as a finder returns it, in pixels and arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semblance.model.detected import Judged
from semblance.vision.picture.geometry import Points


@dataclass(frozen=True, slots=True, eq=False)
class FoundFace:
    box: NDArray[np.float64]
    """(4,): left, top, right, bottom, in pixels of the picture, not clipped to it."""
    score: float
    """The detector's, 0 to 1."""
    five: Points
    """(5, 2): the points of the alignment template, in its order, in pixels of the picture."""
    landmarks: Points
    """(68, 2), in pixels of the picture."""
    shift: float
    """The five points' distance between two passes of the landmarks, in eye distances: next to
    nothing on an upright face."""
    judged: Judged
