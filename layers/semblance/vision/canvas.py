"""A picture brought to a detector's size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.vision.geometry import AVERAGING, Pixels

REDUCING_GAP = 2.0
MULTIPLE = 32
"""Canvases are padded to this: the detectors halve their input five times."""


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """The scaled picture at the top left, black to the right and below."""

    pixels: Pixels
    picture_per_canvas: NDArray[np.float64]
    """(2,): what a canvas x and y are multiplied with to be of the picture."""


def canvases(
    picture: Image.Image, long_sides: Iterable[int], *, enlarge_first: bool
) -> Iterator[Canvas]:
    """One for each size. A picture smaller than the first size keeps its own unless told."""
    source = picture
    for i, long_side in enumerate(long_sides):
        scale = long_side / max(picture.size)
        if i == 0 and not enlarge_first:
            scale = min(scale, 1.0)
        scaled = _resize(source, [max(1, round(side * scale)) for side in picture.size])
        yield Canvas(_pad(scaled), np.array(picture.size) / scaled.size)
        if scale < 1:
            source = scaled  # the next size is smaller: it need not start from every pixel again


def _resize(source: Image.Image, size: list[int]) -> Image.Image:
    shrinks = size[0] < source.width or size[1] < source.height
    resampling = AVERAGING if shrinks else Image.Resampling.BILINEAR
    # Far above the wanted size Pillow may first average whole pixels, which is as good and faster.
    return source.resize((size[0], size[1]), resampling, reducing_gap=REDUCING_GAP)


def _pad(scaled: Image.Image) -> Pixels:
    width, height = (-(-side // MULTIPLE) * MULTIPLE for side in scaled.size)
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[: scaled.height, : scaled.width] = np.asarray(scaled)
    return pixels
