"""A face as a finder leaves it: pixels and arrays, before it is put into Rekognition's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.vision.embed import Embedded
from semblance.vision.geometry import Points


@dataclass(frozen=True, slots=True, eq=False)
class FoundFace:
    box: NDArray[np.float64]
    """(4,): left, top, right, bottom, in pixels of the picture, not clipped to it."""
    score: float
    five: Points
    landmarks: Points
    embedded: Embedded


class Finder(Protocol):
    def find(self, picture: Image.Image) -> Iterator[FoundFace]:
        """Largest first, each only worked out when it is asked for."""
