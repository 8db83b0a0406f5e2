"""A face as a finder leaves it: pixels and arrays, before it is put into Rekognition's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from semblance.vision.face.embed import Embedded
from semblance.vision.picture.geometry import Points
from semblance.vision.picture.picture import Photo


@dataclass(frozen=True, slots=True, eq=False)
class FoundFace:
    box: NDArray[np.float64]
    """(4,): left, top, right, bottom, in pixels of the picture, not clipped to it."""
    score: float
    five: Points
    landmarks: Callable[[], Points]
    """The 68, for who asks: a detector that brings five points has no use for them."""
    embedded: Embedded


class Finder(Protocol):
    def find(self, photo: Photo) -> Iterator[FoundFace]:
        """Largest first, each only worked out when it is about to be asked for."""

    def find_largest(self, photo: Photo) -> FoundFace | None:
        """The first of `find` as a quick look shows it; None where that leaves a doubt."""
