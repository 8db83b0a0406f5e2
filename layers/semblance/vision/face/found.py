"""A face as a finder leaves it: pixels and arrays, before it is put into Rekognition's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semblance.vision.face.embed import Embedded
from semblance.vision.picture.geometry import Points


@dataclass(frozen=True, slots=True, eq=False)
class FoundFace:
    box: NDArray[np.float64]
    """(4,): left, top, right, bottom, in pixels of the picture, not clipped to it."""
    score: float
    five: Points
    landmarks: Callable[[], Points]
    """The 68, for who asks: a detector that brings five points has no use for them."""
    embedded: Embedded
