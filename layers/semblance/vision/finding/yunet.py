"""The YuNet detector: pixels in, boxes, scores and five landmarks each out.

Decoding follows OpenCV's `FaceDetectorYN` (`modules/objdetect/src/face_detect.cpp`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from semblance.vision.finding.detections import Detections, joined
from semblance.vision.network import Floats, Network
from semblance.vision.packs.specs import DetectorSpec
from semblance.vision.picture.geometry import Pixels

STRIDES = (8, 16, 32)


class YunetDetector:
    def __init__(self, spec: DetectorSpec, network: Network) -> None:
        self._spec = spec
        self._network = network

    def detect(self, pixels: Pixels) -> Detections:
        outputs = self._network.run(pixels)
        levels = len(STRIDES)
        return joined(
            [
                self._level([each[0] for each in outputs[place::levels]], pixels.shape[1], stride)
                for place, stride in enumerate(STRIDES)
            ]
        )

    def _level(self, outputs: list[Floats], width: int, stride: int) -> Detections:
        """Detections of one feature map, from its class score, objectness, box and points."""
        classes, objectness, boxes, fives = outputs
        assert classes.shape == objectness.shape == (len(boxes), 1), classes.shape
        assert boxes.shape == (len(classes), 4), boxes.shape
        assert fives.shape == (len(classes), 10), fives.shape
        scores = np.sqrt(classes[:, 0] * objectness[:, 0])
        likely = np.flatnonzero(scores >= self._spec.min_score)
        cells = _cells(likely, width // stride)
        return Detections(
            _decode(boxes[likely].astype(np.float64), cells) * stride,
            scores[likely].astype(np.float64),
            (cells[:, None] + fives[likely].reshape(-1, 5, 2).astype(np.float64)) * stride,
        )


def _cells(places: NDArray[np.intp], columns: int) -> NDArray[np.float64]:
    """(n, 2): column and row of each cell of a feature map."""
    return np.stack([places % columns, places // columns], axis=1).astype(np.float64)


def _decode(boxes: NDArray[np.float64], cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 4) corners, in cells, from centres and logarithms of sizes."""
    centres = cells + boxes[:, :2]
    halves = np.exp(boxes[:, 2:]) / 2
    return np.concatenate([centres - halves, centres + halves], axis=1)
