"""Whether a quick look is enough to tell the largest face of a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from semblance.vision.packs.loading import QuickLook
from semblance.vision.picture.boxes import Boxes, areas, visible_area, visible_areas

CLEARLY = 0.6
"""Share of the largest box that every other stays below: the box that counts in the end may be
drawn somewhat larger or smaller."""
WHOLE = 0.95
"""Share of the largest box that lies inside the picture, at the least: where the landmarks of half
a face lie is a guess."""


def clearly_largest(boxes: Boxes, size: tuple[int, int], look: QuickLook) -> int | None:
    """Its place, when no other comes near it and it is large enough for that look and not cut off.
    A face that only a closer look would find is smaller then."""
    seen = visible_areas(boxes, size)
    if not len(seen):
        return None
    place = int(seen.argmax())
    others = np.delete(seen, place)
    height = boxes[place, 3] - boxes[place, 1]
    tall = height * look.long_sides[0] >= look.min_height_px * max(size)
    alone = (others < CLEARLY * seen[place]).all()
    return place if tall and alone and is_whole(boxes[place], size) else None


def is_whole(box: NDArray[np.float64], size: tuple[int, int]) -> bool:
    return visible_area(box, size) >= WHOLE * float(areas(box[None])[0])
