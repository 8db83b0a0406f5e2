"""The scale a picture must be decoded at to detect its faces, and to embed them.

A scale is decoded pixels per pixel of the full picture, along a side.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from semblance.vision.picture.boxes import Boxes, areas

MIN_PER_CROP_PIXEL = 2.5
"""Minimum source pixels per crop pixel and side. Above this, shrinking the source first no longer
changes the embedding (cosine 0.997 and more; 0.992 at 1.5)."""
MIN_PER_INPUT_PIXEL = 2.0
"""The same for a detector's input."""

LOOK_PX = 512
"""Long side of the picture for a quick look. A face a quarter as long can be embedded from it."""

PROBE_PX = 128
"""Side of a square with the area of a probe's box. On the 112-pixel crop a face covers about 90
pixels; half as many again give the same embedding as any more (cosine 0.995 and more; 0.97 from
70 pixels, 0.85 from 30)."""
GALLERY_PX = 192
"""The same for a face that may be stored: it is compared many times."""


def quick_look_scale(size: tuple[int, int]) -> float:
    """The scale for a quick look at a picture of `size` (width, height)."""
    return LOOK_PX / max(size)


def detection_scale(size: tuple[int, int], long_sides: Iterable[int]) -> float:
    """The scale for detection with inputs of these long sides. 1 unless a quarter suffices: half
    the pixels cost nearly as much to decode as all, and some face is likely to need all."""
    scale = MIN_PER_INPUT_PIXEL * max(long_sides) / max(size)
    return scale if scale <= 1 / 4 else 1.0


def embedding_scale(boxes: Boxes, face_px: float) -> float:
    """The scale that gives the smallest of `boxes`, at least one, the area of a square with sides
    of `face_px`."""
    smallest: float = areas(boxes).min()
    return face_px / max(math.sqrt(smallest), 1.0)
