"""The SCRFD detector: pixels in, boxes, scores and five landmarks each out.

Anchors and decoding follow InsightFace (`python-package/insightface/model_zoo/scrfd.py`).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from semblance.vision.finding.detections import Detections, joined
from semblance.vision.network import Floats, Network
from semblance.vision.packs.specs import DetectorSpec
from semblance.vision.picture.geometry import Pixels

STRIDES = (8, 16, 32)
ANCHORS = 2
"""Anchors per cell of a feature map."""


class ScrfdDetector:
    def __init__(self, spec: DetectorSpec, network: Network) -> None:
        self._spec = spec
        self._network = network

    def detect(self, pixels: Pixels) -> Detections:
        outputs = self._network.run(pixels)
        levels = len(STRIDES)
        found = joined(
            [
                self._level([each[0] for each in outputs[place::levels]], pixels, stride)
                for place, stride in enumerate(STRIDES)
            ]
        )
        # Distances to the sides may be negative: a box turned inside out is dropped.
        return found.of(np.flatnonzero((found.boxes[:, 2:] > found.boxes[:, :2]).all(axis=1)))

    def _level(self, outputs: list[Floats], pixels: Pixels, stride: int) -> Detections:
        """Detections of one feature map, from its scores, distances to the sides and points."""
        scores, sides, fives = outputs
        centres = _centres(pixels.shape[0] // stride, pixels.shape[1] // stride, stride)
        assert scores.shape == (len(centres), 1), scores.shape
        assert sides.shape == (len(centres), 4), sides.shape
        assert fives.shape == (len(centres), 10), fives.shape
        likely = np.flatnonzero(scores[:, 0] >= self._spec.min_score)
        centre, reach = centres[likely], sides[likely].astype(np.float64) * stride
        return Detections(
            np.concatenate([centre - reach[:, :2], centre + reach[:, 2:]], axis=1),
            scores[likely, 0].astype(np.float64),
            centre[:, None] + fives[likely].reshape(-1, 5, 2).astype(np.float64) * stride,
        )


@lru_cache(maxsize=32)
def _centres(rows: int, columns: int, stride: int) -> NDArray[np.float64]:
    """(rows * columns * ANCHORS, 2): x and y of each anchor in input pixels."""
    row, column = np.mgrid[:rows, :columns] * stride
    cells = np.stack([column, row], axis=-1).reshape(-1, 2)
    return np.repeat(cells, ANCHORS, axis=0).astype(np.float64)
