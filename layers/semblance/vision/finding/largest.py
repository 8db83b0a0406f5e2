"""Decides whether a quick look has found the largest face of a picture beyond doubt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from semblance.vision.packs.specs import QuickLook
from semblance.vision.picture.boxes import Boxes, areas, visible_area, visible_areas

MAX_OTHER = 0.6
"""Every other box must be smaller than this share of the largest: the final boxes may be somewhat
larger or smaller."""
MIN_VISIBLE = 0.95
"""Minimum share of the box inside the picture: the landmarks of half a face are a guess."""


def clearly_largest(boxes: Boxes, size: tuple[int, int], look: QuickLook) -> int | None:
    """Index of the largest box, when no other comes near it, it is large enough for the quick look
    and it is not cut off: any face that a full pass would add is then smaller. None otherwise."""
    visible = visible_areas(boxes, size)
    if not len(visible):
        return None
    largest = int(visible.argmax())
    others = np.delete(visible, largest)
    height = boxes[largest, 3] - boxes[largest, 1]
    tall = height * look.long_sides[0] >= look.min_height_px * max(size)
    alone = (others < MAX_OTHER * visible[largest]).all()
    return largest if tall and alone and is_whole(boxes[largest], size) else None


def is_whole(box: NDArray[np.float64], size: tuple[int, int]) -> bool:
    """Whether the picture's edge cuts off next to nothing of the box."""
    return visible_area(box, size) >= MIN_VISIBLE * float(areas(box[None])[0])
