"""The RFB detector: a picture in, boxes and scores out. `rfb` confirms or drops them.

Priors and decoding follow Ultra-Light-Fast-Generic-Face-Detector-1MB (`vision/utils/box_utils.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from semblance.vision.finding.finder import MAX_FACES
from semblance.vision.network import Network
from semblance.vision.packs.specs import DetectorSpec
from semblance.vision.picture.boxes import Boxes, overlap, suppress, visible_areas
from semblance.vision.picture.canvas import Canvas, canvas
from semblance.vision.picture.picture import Picture

MIN_SIZES = {8: (10, 16, 24), 16: (32, 48), 32: (64, 96), 64: (128, 192, 256)}
"""Stride of each feature map to the sides of its priors in pixels, as in training."""
CENTRE_VARIANCE = 0.1
SIZE_VARIANCE = 0.2


class RfbDetector:
    def __init__(self, spec: DetectorSpec, network: Network) -> None:
        self._spec = spec
        self._network = network

    def detect(
        self, picture: Picture, long_sides: Iterable[int]
    ) -> tuple[Boxes, NDArray[np.float64]]:
        """(n, 4) boxes in pixels of the picture and (n,) scores, largest box first, one pass for
        each long side. A later pass adds the boxes that overlap none of the earlier ones."""
        boxes, scores = np.empty((0, 4)), np.empty(0)
        for long_side in long_sides:
            more, more_scores = self._detect_at(canvas(picture, long_side, enlarge=True))
            new = [i for i, box in enumerate(more) if not self._overlaps(box, boxes)]
            boxes = np.concatenate([boxes, more[new]])
            scores = np.concatenate([scores, more_scores[new]])
        largest = np.argsort(-visible_areas(boxes, picture.size), kind="stable")
        return boxes[largest[:MAX_FACES]], scores[largest[:MAX_FACES]]

    def _overlaps(self, box: NDArray[np.float64], boxes: Boxes) -> bool:
        return bool((overlap(box, boxes) > self._spec.nms_iou).any())

    def _detect_at(self, canvas: Canvas) -> tuple[Boxes, NDArray[np.float64]]:
        scores, offsets = self._network.run(canvas.pixels)
        priors = _priors(*canvas.pixels.shape[:2])
        assert scores.shape == (1, len(priors), 2), scores.shape
        assert offsets.shape == (1, len(priors), 4), offsets.shape
        likely = np.flatnonzero(scores[0, :, 1] >= self._spec.min_score)
        face_scores = scores[0, likely, 1].astype(np.float64)
        boxes = _decode(offsets[0, likely].astype(np.float64), priors[likely])
        kept = suppress(boxes, face_scores, self._spec.nms_iou)
        return canvas.to_picture(boxes[kept].reshape(-1, 2)).reshape(-1, 4), face_scores[kept]


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
