"""SCRFD as a detector: a picture in, boxes and five points each out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from semblance.vision.face.align import HALF_PIXEL
from semblance.vision.network import Network
from semblance.vision.packs.loading import DetectorSpec
from semblance.vision.picture.boxes import Boxes, overlap, suppress
from semblance.vision.picture.canvas import Canvas, canvas, part_of_canvas
from semblance.vision.picture.geometry import Pixels
from semblance.vision.picture.picture import Picture

STRIDES = (8, 16, 32)
ANCHORS = 2
"""Each cell of a feature map speaks twice."""


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    boxes: Boxes
    scores: NDArray[np.float64]
    fives: NDArray[np.float64]
    """(n, 5, 2)"""

    def of(self, places: NDArray[np.intp] | list[int]) -> Detections:
        return Detections(self.boxes[places], self.scores[places], self.fives[places])


NOTHING = Detections(np.empty((0, 4)), np.empty(0), np.empty((0, 5, 2)))


class ScrfdDetector:
    def __init__(self, spec: DetectorSpec, network: Network) -> None:
        self._spec = spec
        self._network = network

    def detect(self, picture: Picture, long_sides: Iterable[int]) -> Detections:
        """The first pass, and of the later ones what overlaps nothing found before: a face
        higher than 450 pixels of the first pass's input is seen by a smaller pass only."""
        found = NOTHING
        # A picture that is small already loses its faces when the first pass enlarges it.
        for long_side in long_sides:
            seen = self._detect_on(canvas(picture, long_side, enlarge=False))
            found = _joined(found, seen.of(self.beside(found.boxes, seen.boxes)))
        return found

    def look_closer(self, picture: Picture, around: NDArray[np.float64]) -> Detections:
        """What the first pass of `detect` sees within a box, at a fraction of its cost."""
        return self._detect_on(
            part_of_canvas(picture, self._spec.long_sides[0], around, enlarge=False)
        )

    def beside(self, boxes: Boxes, seen: Boxes) -> list[int]:
        """Places of those seen that overlap none of the boxes."""
        return [
            place
            for place, box in enumerate(seen)
            if not (overlap(box, boxes) > self._spec.nms_iou).any()
        ]

    def _detect_on(self, canvas: Canvas) -> Detections:
        seen = self.detect_in(canvas.pixels, self._spec.min_score)
        return Detections(
            canvas.to_picture(seen.boxes.reshape(-1, 2)).reshape(-1, 4),
            seen.scores,
            canvas.to_picture(seen.fives) + HALF_PIXEL,
        )

    def detect_in(self, pixels: Pixels, min_score: float) -> Detections:
        """In pixels of the network's input."""
        outputs = self._network.run(pixels)
        found = NOTHING
        for level, stride in enumerate(STRIDES):
            score, sides, points = (outputs[level + kind * len(STRIDES)][0] for kind in range(3))
            centres = _centres(pixels.shape[0] // stride, pixels.shape[1] // stride, stride)
            assert score.shape == (len(centres), 1), score.shape
            assert sides.shape == (len(centres), 4), sides.shape
            assert points.shape == (len(centres), 10), points.shape
            likely = np.flatnonzero(score[:, 0] >= min_score)
            here, reach = centres[likely], sides[likely].astype(np.float64) * stride
            boxes = np.concatenate([here - reach[:, :2], here + reach[:, 2:]], axis=1)
            fives = here[:, None] + points[likely].reshape(-1, 5, 2).astype(np.float64) * stride
            seen = Detections(boxes, score[likely, 0].astype(np.float64), fives)
            # Distances may be negative: a box turned inside out is none.
            found = _joined(found, seen.of(np.flatnonzero((boxes[:, 2:] > boxes[:, :2]).all(1))))
        return found.of(suppress(found.boxes, found.scores, self._spec.nms_iou))


def _joined(some: Detections, more: Detections) -> Detections:
    return Detections(
        np.concatenate([some.boxes, more.boxes]),
        np.concatenate([some.scores, more.scores]),
        np.concatenate([some.fives, more.fives]),
    )


@lru_cache(maxsize=32)
def _centres(rows: int, columns: int, stride: int) -> NDArray[np.float64]:
    """(rows * columns * anchors, 2): x and y of each cell, once for each anchor."""
    row, column = np.mgrid[:rows, :columns] * stride
    cells = np.stack([column, row], axis=-1).reshape(-1, 2)
    return np.repeat(cells, ANCHORS, axis=0).astype(np.float64)
