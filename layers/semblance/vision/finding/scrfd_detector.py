"""The SCRFD detector: a picture in, boxes, scores and five landmarks each out.

Anchors and decoding follow InsightFace (`python-package/insightface/model_zoo/scrfd.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from semblance.vision.network import Network
from semblance.vision.packs.specs import DetectorSpec
from semblance.vision.picture.boxes import Boxes, overlap, suppress
from semblance.vision.picture.canvas import Canvas, canvas, part_of_canvas
from semblance.vision.picture.geometry import HALF_PIXEL, Pixels
from semblance.vision.picture.picture import Picture

STRIDES = (8, 16, 32)
ANCHORS = 2
"""Anchors per cell of a feature map."""


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    boxes: Boxes
    scores: NDArray[np.float64]
    """(n,)"""
    fives: NDArray[np.float64]
    """(n, 5, 2): five landmarks of each, in the order of the alignment template."""

    def of(self, indices: NDArray[np.intp] | list[int]) -> Detections:
        return Detections(self.boxes[indices], self.scores[indices], self.fives[indices])


NOTHING = Detections(np.empty((0, 4)), np.empty(0), np.empty((0, 5, 2)))


class ScrfdDetector:
    def __init__(self, spec: DetectorSpec, network: Network) -> None:
        self._spec = spec
        self._network = network

    def detect(self, picture: Picture, long_sides: Iterable[int]) -> Detections:
        """Detections in pixels of the picture, one pass for each long side. A later pass adds those
        that overlap none of the earlier: a face higher than 450 pixels of the first pass's input
        is detected by a smaller pass only."""
        found = NOTHING
        # Not enlarged: the first pass would miss the faces of a small picture.
        for long_side in long_sides:
            more = self._detect_on(canvas(picture, long_side, enlarge=False))
            found = _joined(found, more.of(self.beside(found.boxes, more.boxes)))
        return found

    def look_closer(self, picture: Picture, around: NDArray[np.float64]) -> Detections:
        """Detections of the first pass of `detect` around a box (4,), at a fraction of its cost."""
        return self._detect_on(
            part_of_canvas(picture, self._spec.long_sides[0], around, enlarge=False)
        )

    def beside(self, boxes: Boxes, more: Boxes) -> list[int]:
        """Indices of those in `more` that overlap none of `boxes`."""
        return [
            index
            for index, box in enumerate(more)
            if not (overlap(box, boxes) > self._spec.nms_iou).any()
        ]

    def _detect_on(self, canvas: Canvas) -> Detections:
        found = self.detect_in(canvas.pixels, self._spec.min_score)
        return Detections(
            canvas.to_picture(found.boxes.reshape(-1, 2)).reshape(-1, 4),
            found.scores,
            canvas.to_picture(found.fives) + HALF_PIXEL,
        )

    def detect_in(self, pixels: Pixels, min_score: float) -> Detections:
        """Detections in pixels of the input, whose sides must be multiples of 32."""
        outputs = self._network.run(pixels)
        found = NOTHING
        for level, stride in enumerate(STRIDES):
            score, sides, points = (outputs[level + kind * len(STRIDES)][0] for kind in range(3))
            centres = _centres(pixels.shape[0] // stride, pixels.shape[1] // stride, stride)
            assert score.shape == (len(centres), 1), score.shape
            assert sides.shape == (len(centres), 4), sides.shape
            assert points.shape == (len(centres), 10), points.shape
            likely = np.flatnonzero(score[:, 0] >= min_score)
            centre, reach = centres[likely], sides[likely].astype(np.float64) * stride
            boxes = np.concatenate([centre - reach[:, :2], centre + reach[:, 2:]], axis=1)
            fives = centre[:, None] + points[likely].reshape(-1, 5, 2).astype(np.float64) * stride
            more = Detections(boxes, score[likely, 0].astype(np.float64), fives)
            # Distances to the sides may be negative: a box turned inside out is dropped.
            found = _joined(found, more.of(np.flatnonzero((boxes[:, 2:] > boxes[:, :2]).all(1))))
        return found.of(suppress(found.boxes, found.scores, self._spec.nms_iou))


def _joined(found: Detections, more: Detections) -> Detections:
    return Detections(
        np.concatenate([found.boxes, more.boxes]),
        np.concatenate([found.scores, more.scores]),
        np.concatenate([found.fives, more.fives]),
    )


@lru_cache(maxsize=32)
def _centres(rows: int, columns: int, stride: int) -> NDArray[np.float64]:
    """(rows * columns * ANCHORS, 2): x and y of each anchor in input pixels."""
    row, column = np.mgrid[:rows, :columns] * stride
    cells = np.stack([column, row], axis=-1).reshape(-1, 2)
    return np.repeat(cells, ANCHORS, axis=0).astype(np.float64)
