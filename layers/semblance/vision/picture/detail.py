"""How many of a picture's pixels it takes to find its faces, and to know them.

All are pixels for one of the picture's, along a side.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from semblance.vision.picture.boxes import Boxes, areas

AMPLE = 2.5
"""Pixels, along a side, that one of a face's crop is averaged from, at the least: from so many on
it does not show that they were averages of squares themselves (cosine of the embedding 0.997 and
more; 0.992 from 1.5)."""
AMPLE_TO_FIND = 2.0
"""The same for a detector's input."""

LOOK_PX = 512
"""Long side of what is looked at in passing. A quarter of it is enough of a face."""

PROBE_PX = 128
"""Side of a square as large as a face's box. Aligned to 112 pixels a face is 90 of them: with half
as many more it is known as well as from any number (cosine 0.995 and more; 0.97 from 70 pixels,
0.85 from 30)."""
KEPT_PX = 192
"""For a face that is compared again and again."""


def to_look(size: tuple[int, int]) -> float:
    return LOOK_PX / max(size)


def to_find(size: tuple[int, int], long_sides: Iterable[int]) -> float:
    """Half the pixels cost nearly as much to decode as all, which some face is likely to need."""
    scale = AMPLE_TO_FIND * max(long_sides) / max(size)
    return scale if scale <= 1 / 4 else 1.0


def to_know(boxes: Boxes, face_px: float) -> float:
    """`boxes`: one or more."""
    smallest: float = areas(boxes).min()
    return face_px / max(math.sqrt(smallest), 1.0)
