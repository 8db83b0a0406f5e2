"""Similarity transforms, and the crops that they cut from a picture.

Coordinates are continuous everywhere: pixel i covers [i, i + 1) and its centre is i + 0.5. Pillow's
`transform` and `resize` count the same way, so a transform never needs half a pixel added.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Points = NDArray[np.float64]
"""(n, 2): x, y."""
Affine = NDArray[np.float64]
"""(2, 3): [A | t], p -> A p + t."""
Pixels = NDArray[np.uint8]

HALF_PIXEL = 0.5
"""Added to coordinates that count from pixel centres, such as a network's, to make them continuous.
"""
LUMA = np.array([0.299, 0.587, 0.114])
"""RGB @ LUMA is gray (BT.601)."""

AVERAGING = Image.Resampling.HAMMING
"""For shrinking. Pillow's BOX takes each pixel whole or not at all, which moves edges by up to half
a pixel: the embedding of an aligned face then has a cosine of 0.9947 at worst with that of true
area averaging. Hamming costs the same and has 0.9998."""

SHRINK_BELOW = 0.5
"""Below this scale bilinear sampling skips pixels, so the picture is averaged down first ..."""
SHRUNK_SCALE = 1.5
"""... to this many times the crop's scale. Raises the mean genuine cosine from 0.749 to 0.757."""


def similarity(source: Points, target: Points) -> Affine:
    """The least-squares similarity from `source` to `target`, without reflection (Umeyama, 1991).
    In the plane it is one complex division: points are numbers, rotation and scale a factor."""
    assert source.shape == target.shape, (source.shape, target.shape)
    # For a handful of points plain numbers take a fifth of the time of arrays.
    z = [complex(x, y) for x, y in source.tolist()]
    w = [complex(x, y) for x, y in target.tolist()]
    z_mean, w_mean = sum(z) / len(z), sum(w) / len(w)
    common = sum((a - z_mean).conjugate() * (b - w_mean) for a, b in zip(z, w, strict=True))
    spread = sum(abs(a - z_mean) ** 2 for a in z)
    turn = common / max(spread, 1e-12)
    shift = w_mean - turn * z_mean
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def square(centre: Points, side: float, out_side: int, quarter_turns: int = 0) -> Affine:
    """Maps the square of `side` around `centre` to [0, out_side), turned clockwise by quarters of
    a circle."""
    linear = quarter_turn(quarter_turns) * (out_side / side)
    return np.column_stack([linear, out_side / 2 - linear @ centre])


def quarter_turn(quarters: int) -> NDArray[np.float64]:
    """(2, 2): the rotation by so many quarters of a circle, clockwise on the screen."""
    turn = 1j**quarters
    return np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])


def apply(affine: Affine, points: Points) -> Points:
    assert affine.shape == (2, 3), affine.shape
    mapped: Points = points @ affine[:, :2].T + affine[:, 2]
    return mapped


def invert(affine: Affine) -> Affine:
    """Raises ZeroDivisionError for a singular transform."""
    (a, b, x), (c, d, y) = affine.tolist()
    area = a * d - b * c
    return np.array(
        [
            [d / area, -b / area, (b * y - d * x) / area],
            [-c / area, a / area, (c * x - a * y) / area],
        ]
    )


def scale_of(similarity: Affine) -> float:
    return math.hypot(similarity[0, 0], similarity[1, 0])


def warp(picture: Image.Image, to_crop: Affine, side: int) -> Pixels:
    """The (side, side, 3) crop that `to_crop` maps the picture to; black outside the picture."""
    scale = scale_of(to_crop)
    if scale < SHRINK_BELOW:
        picture, to_crop = _shrink(picture, to_crop, side, scale * SHRUNK_SCALE)
    from_crop = invert(to_crop).ravel().tolist()
    crop = picture.transform(
        (side, side), Image.Transform.AFFINE, from_crop, Image.Resampling.BILINEAR
    )
    pixels = rgb_pixels(crop)
    assert pixels.shape == (side, side, 3), pixels.shape
    return pixels


def rgb_pixels(picture: Image.Image) -> Pixels:
    """(height, width, 3), for a gray picture too."""
    return np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))


def _shrink(
    picture: Image.Image, to_crop: Affine, side: int, factor: float
) -> tuple[Image.Image, Affine]:
    """The part of the picture that the crop needs, averaged down, and the transform from there."""
    corners = np.array([[0, 0], [side, 0], [0, side], [side, side]], dtype=np.float64)
    needed = apply(invert(to_crop), corners)
    margin = 2 / factor  # bilinear sampling reads one pixel further
    left, top = np.maximum(np.floor(needed.min(axis=0) - margin), 0).tolist()
    right, bottom = np.minimum(np.ceil(needed.max(axis=0) + margin), picture.size).tolist()
    if left >= right or top >= bottom:
        return picture, to_crop  # the crop lies outside the picture
    width = max(1, round((right - left) * factor))
    height = max(1, round((bottom - top) * factor))
    part = picture.resize((width, height), AVERAGING, (left, top, right, bottom))
    from_part = np.array(
        [[(right - left) / width, 0, left], [0, (bottom - top) / height, top]], dtype=np.float64
    )
    linear = to_crop[:, :2] @ from_part[:, :2]
    shift = to_crop[:, :2] @ from_part[:, 2] + to_crop[:, 2]
    return part, np.column_stack([linear, shift])
