"""Boxes as (left, top, right, bottom): overlap, suppression, order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]
"""(n, 4)"""

MAX_CANDIDATES = 2000
"""Boxes that suppression looks at: a texture may light up thousands, no crowd does."""


def overlap(box: NDArray[np.float64], boxes: Boxes) -> NDArray[np.float64]:
    """Intersection over union of one box with each of many."""
    common = intersections(box, boxes)
    union = areas(boxes) + areas(box[None]) - common
    shares: NDArray[np.float64] = common / np.maximum(union, 1e-9)
    return shares


def intersections(box: NDArray[np.float64], boxes: Boxes) -> NDArray[np.float64]:
    """The areas that one box shares with each of many."""
    assert box.shape == (4,), box.shape
    assert boxes.shape[1:] == (4,), boxes.shape
    low = np.maximum(boxes[:, :2], box[:2])
    high = np.minimum(boxes[:, 2:], box[2:])
    return _products(high - low)


def suppress(boxes: Boxes, scores: NDArray[np.floating], iou: float) -> NDArray[np.intp]:
    """Indices of the boxes that no better one overlaps by more than `iou`, best first."""
    assert scores.shape == boxes.shape[:1], (scores.shape, boxes.shape)
    waiting = np.argsort(-scores, kind="stable")[:MAX_CANDIDATES]
    kept = []
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        kept.append(best)
        waiting = waiting[overlap(boxes[best], boxes[waiting]) <= iou]
    return np.array(kept, dtype=np.intp)


def areas(boxes: Boxes) -> NDArray[np.float64]:
    return _products(boxes[:, 2:] - boxes[:, :2])


def _products(sides: NDArray[np.float64]) -> NDArray[np.float64]:
    width, height = np.maximum(sides, 0).T
    products: NDArray[np.float64] = width * height
    return products


def visible_areas(boxes: Boxes, size: tuple[int, int]) -> NDArray[np.float64]:
    """What of each box lies inside a picture of this width and height."""
    return areas(np.clip(boxes, 0, np.array(size * 2, dtype=np.float64)))


def visible_area(box: NDArray[np.float64], size: tuple[int, int]) -> float:
    return float(visible_areas(box[None], size)[0])
