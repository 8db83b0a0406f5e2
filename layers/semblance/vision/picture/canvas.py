"""A detector's input: the picture, or a part of it, scaled and padded."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.vision.picture.geometry import AVERAGING, Pixels, Points, rgb_pixels
from semblance.vision.picture.picture import Picture
from semblance.vision.picture.scales import MIN_PER_INPUT_PIXEL

MULTIPLE = 32
"""Canvas sides are padded to a multiple of this: the detectors halve their input five times."""

Corners = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """The scaled picture at the top left, padded with black on the right and below."""

    pixels: Pixels
    start: tuple[int, int]
    """(x, y) of the top left pixel on the canvas of the whole picture."""
    picture_per_canvas: NDArray[np.float64]
    """(2,): picture pixels per canvas pixel, in x and in y."""

    def to_picture(self, points: Points) -> Points:
        """Maps (..., 2) points from pixels of this canvas to pixels of the picture."""
        placed: Points = (points + np.array(self.start)) * self.picture_per_canvas
        return placed


def canvas(picture: Picture, long_side: int, *, enlarge: bool) -> Canvas:
    """Scales the long side to `long_side` pixels. Without `enlarge` a smaller picture keeps its
    size."""
    return part_of_canvas(picture, long_side, np.array((0, 0, *picture.size)), enlarge=enlarge)


def part_of_canvas(
    picture: Picture, long_side: int, around: NDArray[np.float64], *, enlarge: bool
) -> Canvas:
    """The part of that canvas around the box `around` (4,), in picture pixels. Its edges lie on
    multiples of the detector's largest stride, so that detections equal those of a full pass."""
    size = _scaled_size(picture, long_side, enlarge)
    cells = around * np.array(size * 2) / np.array(picture.size * 2) / MULTIPLE
    left, top = np.maximum(np.floor(cells[:2]), 0).astype(int).tolist()
    right, bottom = (
        min(math.ceil(end), -(-side // MULTIPLE)) for end, side in zip(cells[2:], size, strict=True)
    )
    part = (left * MULTIPLE, top * MULTIPLE, right * MULTIPLE, bottom * MULTIPLE)
    return _canvas(picture, size, part)


def _scaled_size(picture: Picture, long_side: int, enlarge: bool) -> tuple[int, int]:
    scale = long_side / max(picture.size)
    if not enlarge:
        scale = min(scale, 1.0)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return width, height


def _canvas(picture: Picture, size: tuple[int, int], part: Corners) -> Canvas:
    left, top, right, bottom = part
    seen = (left, top, min(right, size[0]), min(bottom, size[1]))
    picture_per_canvas = np.array(picture.size) / size
    pixels = np.zeros((bottom - top, right - left, 3), dtype=np.uint8)
    pixels[: seen[3] - top, : seen[2] - left] = rgb_pixels(
        _scaled(picture, picture_per_canvas, seen)
    )
    return Canvas(pixels, (left, top), picture_per_canvas)


def _scaled(
    picture: Picture, picture_per_canvas: NDArray[np.float64], seen: Corners
) -> Image.Image:
    scale = 1 / picture_per_canvas.min()
    level = picture.level(MIN_PER_INPUT_PIXEL * scale)
    shrinks = scale * level.reduction < 1
    left, top, right, bottom = (np.array(seen) * np.tile(picture_per_canvas, 2)).tolist()
    return level.pixels.resize(
        (seen[2] - seen[0], seen[3] - seen[1]),
        AVERAGING if shrinks else Image.Resampling.BILINEAR,
        level.box((left, top, right, bottom)),
    )
