"""Detections: the boxes and scores that a detector gives, before anything has confirmed them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from semblance.vision.picture.boxes import Boxes
from semblance.vision.picture.geometry import Pixels, Points


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    box: NDArray[np.float64]
    """(4,)"""
    score: float
    """0 to 1."""
    five: Points | None
    """(5, 2), the detector's own points in the order of the alignment template, if it has any."""


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    boxes: Boxes
    scores: NDArray[np.float64]
    """(n,)"""
    fives: NDArray[np.float64] | None = None
    """(n, 5, 2); None when the detector has no points of its own."""

    def __len__(self) -> int:
        return len(self.boxes)

    def __iter__(self) -> Iterator[Detection]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, place: int) -> Detection:
        five = None if self.fives is None else self.fives[place]
        return Detection(self.boxes[place], float(self.scores[place]), five)

    def of(self, places: NDArray[np.intp]) -> Detections:
        fives = None if self.fives is None else self.fives[places]
        return Detections(self.boxes[places], self.scores[places], fives)


class Detector(Protocol):
    def detect(self, pixels: Pixels) -> Detections:
        """Every box of at least the detector's minimum score, overlapping ones too, in pixels of
        the input, whose sides must be multiples of 32."""


def joined(found: list[Detections]) -> Detections:
    """At least one, all of one detector."""
    fives = [each.fives for each in found if each.fives is not None]
    return Detections(
        np.concatenate([each.boxes for each in found]),
        np.concatenate([each.scores for each in found]),
        np.concatenate(fives) if fives else None,
    )
