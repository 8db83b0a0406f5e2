"""Draws heaps of round things, shaded, glinting and dimpled: fruit, balls, eggs. No faces."""

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels = NDArray[np.floating]

PALETTES: dict[str, tuple[tuple[int, int, int], ...]] = {
    "limes": ((112, 158, 38), (138, 180, 60), (90, 135, 30)),
    "oranges": ((226, 126, 22), (238, 150, 40), (205, 105, 20)),
    "apples": ((178, 28, 36), (196, 60, 44), (150, 20, 40), (190, 150, 60)),
    "plums": ((76, 34, 82), (98, 46, 92), (52, 28, 66)),
    "peaches": ((232, 166, 122), (222, 140, 96), (240, 186, 140)),
    "eggs": ((222, 186, 152), (204, 162, 126), (236, 210, 184)),
    "potatoes": ((168, 132, 92), (150, 114, 76), (186, 152, 110)),
    "marbles": ((40, 84, 150), (150, 40, 60), (60, 140, 90), (200, 170, 60)),
}
SIZES = ((240, 240), (320, 420), (480, 360), (640, 480), (600, 800))
KINDS = ("smooth", "dimpled", "seeded", "banded", "stalked")


@dataclass(frozen=True, slots=True)
class Light:
    """Direction to the lamp, unit length (right, down, towards the eye), and its shares."""

    direction: tuple[float, float, float]
    ambient: float
    gloss: float
    sharpness: float


@dataclass(frozen=True, slots=True)
class Thing:
    x: float
    y: float
    wide: float
    tall: float
    """Half axes in pixels."""
    turn: float
    """Radians."""
    colour: tuple[int, int, int]
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """The visible side of a thing, cut from the picture: coordinates on it from -1 to 1."""

    u: Pixels
    v: Pixels
    depth: Pixels
    """0 at the rim, 1 in the middle."""


def heaps(each: int) -> Iterator[tuple[str, bytes]]:
    """`each` pictures of every palette, with their names; the same ones on every machine."""
    for place, palette in enumerate(PALETTES):
        for number in range(each):
            yield f"{palette}-{number}", draw(palette, seed=1000 * place + number)


def draw(palette: str, seed: int, size: tuple[int, int] | None = None) -> bytes:
    """A JPEG, of one of SIZES unless `size` (width, height) is given."""
    luck = default_rng(seed)
    chosen = SIZES[luck.integers(len(SIZES))]
    width, height = size or chosen
    canvas = _ground(luck, width, height)
    light = _light(luck)
    for thing in _things(luck, palette, width, height):
        _paint(canvas, thing, light, luck)
    grain = luck.normal(0, luck.uniform(0, 5), canvas.shape)
    image = Image.fromarray(np.clip(canvas + grain, 0, 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(luck.uniform(0.4, 1.4)))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(luck.integers(75, 96)))
    return file.getvalue()


def _light(luck: Generator) -> Light:
    around, above = luck.uniform(0, 2 * math.pi), luck.uniform(0.35, 1.2)
    flat = math.cos(above)
    direction = (flat * math.cos(around), flat * math.sin(around), math.sin(above))
    return Light(direction, luck.uniform(0.1, 0.45), luck.uniform(0, 200), luck.uniform(8, 60))


def _ground(luck: Generator, width: int, height: int) -> Pixels:
    base = luck.uniform(10, 200, 3)
    slope = np.linspace(luck.uniform(0.5, 1), luck.uniform(0.5, 1), height)[:, None, None]
    return np.broadcast_to(slope * base, (height, width, 3)).astype(np.float32)


def _things(luck: Generator, palette: str, width: int, height: int) -> list[Thing]:
    """From back to front, the lower ones in front as in a heap."""
    radius = min(width, height) * luck.uniform(0.07, 0.26)
    stretch = luck.uniform(0, 0.3)
    kind = KINDS[luck.integers(len(KINDS))]
    number = int(np.clip(2.4 * width * height / (math.pi * radius**2), 8, 130))
    things = []
    for _ in range(number):
        size = radius * luck.uniform(0.8, 1.2)
        colour = PALETTES[palette][luck.integers(len(PALETTES[palette]))]
        tint = luck.uniform(0.85, 1.15, 3)
        things.append(
            Thing(
                luck.uniform(0, width), luck.uniform(0, height),
                size, size * (1 - stretch * luck.uniform(0, 1)), luck.uniform(0, math.pi),
                (int(colour[0] * tint[0]), int(colour[1] * tint[1]), int(colour[2] * tint[2])),
                kind,
            )
        )  # fmt: skip
    return sorted(things, key=lambda thing: thing.y)


def _paint(canvas: Pixels, thing: Thing, light: Light, luck: Generator) -> None:
    reach = math.ceil(max(thing.wide, thing.tall) * 1.35)
    top, left = max(int(thing.y) - reach, 0), max(int(thing.x) - reach, 0)
    part = canvas[top : int(thing.y) + reach, left : int(thing.x) + reach]
    if not part.size:
        return
    y, x = np.mgrid[top : top + part.shape[0], left : left + part.shape[1]].astype(np.float32)
    _shadow(part, (x - thing.x) / thing.wide, (y - thing.y) / thing.tall, light)
    surface = _surface(thing, x - thing.x, y - thing.y)
    inside = surface.depth > 0
    part[inside] = _coloured(surface, thing, light, luck)[inside]


def _shadow(part: Pixels, across: Pixels, down: Pixels, light: Light) -> None:
    moved = np.hypot(across + 0.25 * light.direction[0], down + 0.25 * light.direction[1] - 0.1)
    part *= np.clip(0.35 + 1.3 * (moved - 0.75), 0.35, 1)[..., None]


def _surface(thing: Thing, dx: Pixels, dy: Pixels) -> Surface:
    cos, sin = math.cos(thing.turn), math.sin(thing.turn)
    u = (dx * cos + dy * sin) / thing.wide
    v = (dy * cos - dx * sin) / thing.tall
    return Surface(u, v, np.sqrt(np.clip(1 - u**2 - v**2, 0, None)))


def _coloured(surface: Surface, thing: Thing, light: Light, luck: Generator) -> Pixels:
    relief, paint = KIND_OF[thing.kind](surface, luck)
    right, down, near = light.direction
    cos, sin = math.cos(thing.turn), math.sin(thing.turn)
    lit = (surface.u * cos - surface.v * sin) * right
    lit += (surface.u * sin + surface.v * cos) * down + surface.depth * near
    lit = np.clip(lit + relief, 0, 1)
    shade = (light.ambient + (1 - light.ambient) * lit) * (0.55 + 0.45 * surface.depth)
    glint = light.gloss * lit**light.sharpness
    colour = np.array(thing.colour, np.float32) * paint[..., None]
    return colour * shade[..., None] + glint[..., None]


def _smooth(surface: Surface, _: Generator) -> tuple[Pixels, Pixels]:
    return np.zeros_like(surface.u), np.ones_like(surface.u)


def _dimpled(surface: Surface, luck: Generator) -> tuple[Pixels, Pixels]:
    """Pores, as of an orange."""
    noise = luck.normal(0, 0.09, surface.u.shape).astype(np.float32)
    return noise, np.ones_like(surface.u)


def _seeded(surface: Surface, luck: Generator) -> tuple[Pixels, Pixels]:
    """Dots in rows, as of a strawberry."""
    often = luck.uniform(4, 9)
    dots = np.sin(often * math.pi * surface.u) * np.sin(often * math.pi * surface.v)
    return np.where(dots > 0.8, -0.2, 0.0).astype(np.float32), np.where(dots > 0.9, 1.5, 1.0)


def _banded(surface: Surface, luck: Generator) -> tuple[Pixels, Pixels]:
    """Stripes of two tones, as of a melon or a ball."""
    bands = np.sin(luck.uniform(2, 8) * surface.v + luck.uniform(0, math.pi))
    return np.zeros_like(bands), 1 + 0.35 * np.tanh(4 * bands)


def _stalked(surface: Surface, luck: Generator) -> tuple[Pixels, Pixels]:
    """A dark hollow with a stalk, as of an apple."""
    x, y = luck.uniform(-0.5, 0.5, 2)
    away = np.hypot(surface.u - x, surface.v - y)
    hollow = np.exp(-((away / 0.22) ** 2))
    return (-0.7 * hollow).astype(np.float32), 1 - 0.6 * np.exp(-((away / 0.07) ** 2))


KIND_OF: dict[str, Callable[[Surface, Generator], tuple[Pixels, Pixels]]] = {
    "smooth": _smooth,
    "dimpled": _dimpled,
    "seeded": _seeded,
    "banded": _banded,
    "stalked": _stalked,
}
