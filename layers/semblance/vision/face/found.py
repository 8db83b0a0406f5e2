"""FoundFace: a face as a finder returns it, in pixels and arrays."""

from __future__ import annotations

from collections.abc import Callable
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
    landmarks: Callable[[], Points]
    """Gives the 68 landmarks. A call, since with a detector that has five points of its own they
    cost a network run that most callers do not need."""
    judged: Judged
