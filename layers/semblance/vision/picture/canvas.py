"""A detector's input: the picture, scaled and padded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.vision.picture.geometry import AVERAGING, Pixels, Points, rgb_pixels
from semblance.vision.picture.picture import Picture
from semblance.vision.picture.scales import MIN_PER_INPUT_PIXEL

MULTIPLE = 32
"""Canvas sides are padded to a multiple of this: the detectors halve their input five times."""


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """The scaled picture at the top left, padded with black on the right and below."""

    pixels: Pixels
    picture_per_canvas: NDArray[np.float64]
    """(2,): picture pixels per canvas pixel, in x and in y."""

    def to_picture(self, points: Points) -> Points:
        """Maps (..., 2) points from pixels of this canvas to pixels of the picture."""
        placed: Points = points * self.picture_per_canvas
        return placed


def canvas(picture: Picture, long_side: int) -> Canvas:
    """Scales the long side to `long_side` pixels."""
    scale = long_side / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    picture_per_canvas = np.array(picture.size) / (width, height)
    pixels = np.zeros((_padded(height), _padded(width), 3), dtype=np.uint8)
    pixels[:height, :width] = rgb_pixels(_scaled(picture, picture_per_canvas, (width, height)))
    return Canvas(pixels, picture_per_canvas)


def _padded(side: int) -> int:
    return -(-side // MULTIPLE) * MULTIPLE


def _scaled(
    picture: Picture, picture_per_canvas: NDArray[np.float64], size: tuple[int, int]
) -> Image.Image:
    scale = 1 / picture_per_canvas.min()
    level = picture.level(MIN_PER_INPUT_PIXEL * scale)
    shrinks = scale * level.reduction < 1
    return level.pixels.resize(
        size,
        AVERAGING if shrinks else Image.Resampling.BILINEAR,
        level.box((0, 0, *picture.size)),
    )
