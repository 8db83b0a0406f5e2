"""A picture's pixels at several scales. Callers always use coordinates of the full picture."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import Image

from semblance.vision.picture import geometry
from semblance.vision.picture.geometry import Affine, Pixels
from semblance.vision.picture.scales import MIN_PER_CROP_PIXEL

Turn = Image.Transpose
SWAPS_SIDES = {Turn.TRANSPOSE, Turn.TRANSVERSE, Turn.ROTATE_90, Turn.ROTATE_270}
MIRRORS_X = {Turn.FLIP_LEFT_RIGHT, Turn.ROTATE_180, Turn.ROTATE_270, Turn.TRANSVERSE}
MIRRORS_Y = {Turn.FLIP_TOP_BOTTOM, Turn.ROTATE_180, Turn.ROTATE_90, Turn.TRANSVERSE}
"""A transposition first swaps the axes, if it does, and then mirrors each of them, or not."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """A level of the picture's pyramid: squares of its pixels averaged to one."""

    pixels: Image.Image
    """Gray or RGB: a gray picture stays gray, which takes a third of the time."""
    reduction: int
    """Picture pixels per level pixel, along a side."""
    corner: tuple[int, int] = (0, 0)
    """Where the picture begins inside the first pixel of the level, in picture pixels: not at 0
    when it is mirrored and its side is no multiple of `reduction`."""

    def box(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """The box (left, top, right, bottom) from picture pixels to level pixels."""
        x, y = self.corner
        left, top, right, bottom = box
        return (
            (left + x) / self.reduction,
            (top + y) / self.reduction,
            (right + x) / self.reduction,
            (bottom + y) / self.reduction,
        )

    def to_crop(self, to_crop: Affine) -> Affine:
        """The transform that maps level pixels where `to_crop` maps picture pixels."""
        linear = to_crop[:, :2]
        return np.column_stack(
            [linear * self.reduction, to_crop[:, 2] - linear @ np.array(self.corner)]
        )

    def halved(self) -> Level:
        return Level(self.pixels.reduce(2), 2 * self.reduction, self.corner)

    def turned(self, turn: Turn, size: tuple[int, int]) -> Level:
        """`size`: (width, height) of the full picture before the turn."""
        pixels = self.pixels.transpose(turn)
        (x, y), (width, height) = self.corner, size
        if turn in SWAPS_SIDES:
            x, y, width, height = y, x, height, width
        if turn in MIRRORS_X:
            x = self.reduction * pixels.width - width - x
        if turn in MIRRORS_Y:
            y = self.reduction * pixels.height - height - y
        return Level(pixels, self.reduction, (x, y))


def turned_size(size: tuple[int, int], turn: Turn) -> tuple[int, int]:
    return size[::-1] if turn in SWAPS_SIDES else size


class Picture:
    """An image pyramid, safe to share between threads. Each level is made on first use, from the
    next finer one."""

    def __init__(self, size: tuple[int, int], finest: Level) -> None:
        self.size = size
        """(width, height) of the full picture, upright."""
        self._levels = [finest]
        self._making = threading.Lock()

    def level(self, scale: float) -> Level:
        """The coarsest level with at least `scale` pixels per picture pixel, along a side; the
        finest when none has."""
        with self._making:
            level = self._levels[0]
            for place in range(1, math.frexp(max(self.size))[1]):
                if level.reduction * 2 * scale > 1:
                    break
                if place == len(self._levels):
                    self._levels.append(level.halved())
                level = self._levels[place]
            return level

    def warp(self, to_crop: Affine, side: int) -> Pixels:
        """The (side, side, 3) crop that `to_crop` maps the picture to; black outside of it."""
        level = self.level(MIN_PER_CROP_PIXEL * geometry.scale_of(to_crop))
        return geometry.warp(level.pixels, level.to_crop(to_crop), side)


class PictureSource(Protocol):
    """A source of pictures: decodes itself at the scale that a caller needs."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the full picture, upright."""

    def picture(self, scale: float) -> Picture:
        """With at least `scale` decoded pixels per pixel of the full picture, along a side, as far
        as the file has them."""
