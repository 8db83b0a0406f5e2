"""Boxes as (left, top, right, bottom): areas, overlap, non-maximum suppression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]
"""(n, 4)"""

MAX_CANDIDATES = 2000
"""Best boxes that suppression compares. A texture may fire thousands of anchors, no crowd does."""


def overlap(box: NDArray[np.float64], boxes: Boxes) -> NDArray[np.float64]:
    """(n,): intersection over union of one box (4,) with each of `boxes`."""
    common = intersections(box, boxes)
    union = areas(boxes) + areas(box[None]) - common
    shares: NDArray[np.float64] = common / np.maximum(union, 1e-9)
    return shares


def intersections(box: NDArray[np.float64], boxes: Boxes) -> NDArray[np.float64]:
    """(n,): area of the intersection of one box (4,) with each of `boxes`."""
    assert box.shape == (4,), box.shape
    assert boxes.shape[1:] == (4,), boxes.shape
    low = np.maximum(boxes[:, :2], box[:2])
    high = np.minimum(boxes[:, 2:], box[2:])
    return _products(high - low)


def suppress(boxes: Boxes, scores: NDArray[np.floating], iou: float) -> NDArray[np.intp]:
    """Greedy non-maximum suppression: indices of the kept boxes, highest score first. A box goes
    when its overlap with a kept one exceeds `iou`."""
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
    """(n,): area of the part of each box that lies inside a picture of `size` (width, height)."""
    return areas(np.clip(boxes, 0, np.array(size * 2, dtype=np.float64)))


def visible_area(box: NDArray[np.float64], size: tuple[int, int]) -> float:
    return float(visible_areas(box[None], size)[0])
