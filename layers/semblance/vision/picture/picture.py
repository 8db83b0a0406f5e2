"""A picture's pixels at the scales that its readers ask for. They speak of it at full size."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import Image

from semblance.vision.picture import geometry
from semblance.vision.picture.detail import AMPLE
from semblance.vision.picture.geometry import Affine, Pixels

Turn = Image.Transpose
SWAPS_SIDES = {Turn.TRANSPOSE, Turn.TRANSVERSE, Turn.ROTATE_90, Turn.ROTATE_270}
MIRRORS_X = {Turn.FLIP_LEFT_RIGHT, Turn.ROTATE_180, Turn.ROTATE_270, Turn.TRANSVERSE}
MIRRORS_Y = {Turn.FLIP_TOP_BOTTOM, Turn.ROTATE_180, Turn.ROTATE_90, Turn.TRANSVERSE}
"""What becomes of the sides, and then of each axis."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """The picture, shrunk by averaging squares of pixels."""

    pixels: Image.Image
    """Gray or RGB: a gray picture is worked on in a third of the time."""
    reduction: int
    """Pixels of the picture, along a side, in one of these."""
    corner: tuple[int, int] = (0, 0)
    """Where the picture begins, in its own pixels: a mirrored one whose side is no multiple of
    `reduction` begins inside the first pixel."""

    def box(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Of the picture's pixels in these."""
        x, y = self.corner
        left, top, right, bottom = box
        return (
            (left + x) / self.reduction,
            (top + y) / self.reduction,
            (right + x) / self.reduction,
            (bottom + y) / self.reduction,
        )

    def to_crop(self, to_crop: Affine) -> Affine:
        """The same map for who starts from these pixels."""
        linear = to_crop[:, :2]
        return np.column_stack(
            [linear * self.reduction, to_crop[:, 2] - linear @ np.array(self.corner)]
        )

    def halved(self) -> Level:
        return Level(self.pixels.reduce(2), 2 * self.reduction, self.corner)

    def turned(self, turn: Turn, size: tuple[int, int]) -> Level:
        """`size`: of the picture, before it is turned."""
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
    """Safe to share between threads: a level is made when it is first asked for, always from
    the next finer one."""

    def __init__(self, size: tuple[int, int], finest: Level) -> None:
        self.size = size
        """Width and height of the full picture, upright."""
        self._levels = [finest]
        self._making = threading.Lock()

    def level(self, scale: float) -> Level:
        """The coarsest that has `scale` pixels and more, along a side, for one of the picture's;
        the finest there is when none has."""
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
        """The square crop of `side` that `to_crop` maps the picture to; black outside of it."""
        level = self.level(AMPLE * geometry.scale_of(to_crop))
        return geometry.warp(level.pixels, level.to_crop(to_crop), side)


class Photo(Protocol):
    """Where a picture comes from."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the full picture, upright."""

    def picture(self, scale: float) -> Picture:
        """With at least `scale` pixels, along a side, for one of the full picture's, as far as
        it has them."""
