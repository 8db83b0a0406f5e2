"""The RFB detector: pixels in, boxes and scores out.

Priors and decoding follow Ultra-Light-Fast-Generic-Face-Detector-1MB (`vision/utils/box_utils.py`).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from semblance.vision.finding.detections import Detections
from semblance.vision.network import Network
from semblance.vision.packs.specs import DetectorSpec
from semblance.vision.picture.boxes import Boxes
from semblance.vision.picture.geometry import Pixels

MIN_SIZES = {8: (10, 16, 24), 16: (32, 48), 32: (64, 96), 64: (128, 192, 256)}
"""Stride of each feature map to the sides of its priors in pixels, as in training."""
CENTRE_VARIANCE = 0.1
SIZE_VARIANCE = 0.2


class RfbDetector:
    def __init__(self, spec: DetectorSpec, network: Network) -> None:
        self._spec = spec
        self._network = network

    def detect(self, pixels: Pixels) -> Detections:
        scores, offsets = self._network.run(pixels)
        priors = _priors(*pixels.shape[:2])
        assert scores.shape == (1, len(priors), 2), scores.shape
        assert offsets.shape == (1, len(priors), 4), offsets.shape
        likely = np.flatnonzero(scores[0, :, 1] >= self._spec.min_score)
        boxes = _decode(offsets[0, likely].astype(np.float64), priors[likely])
        return Detections(boxes, scores[0, likely, 1].astype(np.float64))


@lru_cache(maxsize=16)
def _priors(height: int, width: int) -> Boxes:
    """(n, 4): centre x, centre y, width, height in input pixels, in the order of the outputs."""
    maps = []
    for stride, sizes in MIN_SIZES.items():
        rows, columns = -(-height // stride), -(-width // stride)
        y, x, size = np.meshgrid(
            (np.arange(rows) + 0.5) * stride,
            (np.arange(columns) + 0.5) * stride,
            np.array(sizes, dtype=np.float64),
            indexing="ij",
        )
        maps.append(np.stack([x, y, size, size], axis=-1).reshape(-1, 4))
    return np.concatenate(maps)


def _decode(offsets: NDArray[np.float64], priors: Boxes) -> Boxes:
    """SSD's box decoding: centre-size offsets to corners."""
    assert offsets.shape == priors.shape, (offsets.shape, priors.shape)
    centres = priors[:, :2] + offsets[:, :2] * CENTRE_VARIANCE * priors[:, 2:]
    sizes = priors[:, 2:] * np.exp(offsets[:, 2:] * SIZE_VARIANCE)
    return np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
