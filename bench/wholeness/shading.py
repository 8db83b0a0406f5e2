"""Puts dark glasses on a face, and the light behind it, by its landmarks."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from bench.wholeness.looking import Face

Pixels = NDArray[np.float32]
LENS = (0.36, 0.25)
"""Half width and half height of a lens in eye distances."""
HAZE = 30.0
"""Grey levels that light from behind adds everywhere: stray light in the lens."""


def with_sunglasses(picture: Image.Image, face: Face, opacity: float) -> Image.Image:
    """`opacity`: 0 to 1."""
    left, right = (_pixel(picture, face, name) for name in ("eyeLeft", "eyeRight"))
    between = math.dist(left, right)
    lenses = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(lenses)
    for x, y in (left, right):
        draw.polygon(_lens(x, y, between, math.atan2(right[1] - left[1], right[0] - left[0])), 255)
    draw.line([left, right], fill=255, width=max(1, round(0.06 * between)))
    mask = lenses.filter(ImageFilter.GaussianBlur(0.02 * between))
    dark = Image.new("RGB", picture.size, (14, 13, 16))
    return Image.composite(
        dark, picture, mask.point([round(opacity * each) for each in range(256)])
    )


def against_the_light(picture: Image.Image, face: Face, left: float) -> Image.Image:
    """`left`: the share of its light that the person keeps. The rest of the picture gets more."""
    person = np.asarray(_person(picture, face), np.float32)[..., None] / 255
    pixels = np.asarray(picture, np.float32)
    lit = np.clip(pixels * 1.5 + 60, 0, 255)
    shaded = pixels * left + HAZE * left
    mixed = person * shaded + (1 - person) * lit
    return Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))


def _person(picture: Image.Image, face: Face) -> Image.Image:
    """White where head and shoulders are, roughly."""
    x, y = face.box.left * picture.width, face.box.top * picture.height
    wide, tall = face.box.width * picture.width, face.box.height * picture.height
    mask = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(mask)
    draw.ellipse((x - 0.2 * wide, y - 0.2 * tall, x + 1.2 * wide, y + 1.12 * tall), fill=255)
    neck, foot = y + 0.95 * tall, float(picture.height)
    shoulders = [
        (x + 0.2 * wide, neck), (x + 0.8 * wide, neck), (x + 2 * wide, neck + 0.6 * tall),
        (x + 2.2 * wide, foot), (x - 1.2 * wide, foot), (x - wide, neck + 0.6 * tall),
    ]  # fmt: skip
    if neck < foot:
        draw.polygon(shoulders, fill=255)
    return mask.filter(ImageFilter.GaussianBlur(0.06 * wide))


def _lens(x: float, y: float, between: float, turn: float) -> list[tuple[float, float]]:
    """A rounded rectangle (a superellipse) around an eye."""
    corners = []
    for step in range(40):
        angle = 2 * math.pi * step / 40
        across = LENS[0] * between * _bulged(math.cos(angle))
        down = (LENS[1] * _bulged(math.sin(angle)) + 0.05) * between
        corners.append(
            (
                x + across * math.cos(turn) - down * math.sin(turn),
                y + across * math.sin(turn) + down * math.cos(turn),
            )
        )
    return corners


def _bulged(value: float) -> float:
    return math.copysign(abs(value) ** 0.6, value)


def _pixel(picture: Image.Image, face: Face, name: str) -> tuple[float, float]:
    x, y = face.found.landmarks[name]
    return x * picture.width, y * picture.height
