"""Valid pictures of every kind, most with a small face: the basis of the hostile ones."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.fuzz import pngs
from tests.vision import pictures
from tools.checkout import PHOTOS

WIDTH, HEIGHT = 84, 252
"""Tall, because a detector's canvas has the picture's shape: a third of the work of a square."""
PROFILE = bytes(24) + b"RGB XYZ " + bytes(96) + b"acsp" + bytes(400)

Maker = Callable[[], bytes]


@functools.cache
def jpeg(name: str) -> bytes:
    return JPEGS[name]()


@functools.cache
def png(name: str) -> bytes:
    return PNGS[name]()


@functools.cache
def portrait(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """A president above gray where the sample photos have been fetched; otherwise plain gray."""
    picture = Image.new("RGB", (width, height), (120, 130, 140))
    photo = PHOTOS / "obama.jpg"
    if photo.exists():
        with Image.open(photo) as whole:
            side = min(width, height * 4 // 5)
            picture.paste(whole.resize((side, side * 5 // 4), Image.Resampling.HAMMING))
    return picture


@functools.cache
def noise(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """The same in every process. Noise compresses worst of all."""
    values = np.random.default_rng(1927).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def _gray_16() -> Image.Image:
    return Image.fromarray(np.asarray(portrait().convert("L")).astype(np.uint16) * 257)


def _saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def _texts() -> PngInfo:
    texts = PngInfo()
    texts.add_text("Title", "hello", zip=True)
    texts.add_itxt("Author", "Zoë", "de", "Autorin", zip=True)
    return texts


def _of_pieces(depth: int, colour: int, interlaced: bool) -> Maker:
    return lambda: pngs.drawn(96, 96, depth, colour, interlaced)


JPEGS: dict[str, Maker] = {
    "plain": lambda: pictures.jpeg(portrait()),
    "square": lambda: pictures.jpeg(portrait(100, 100)),
    "small": lambda: pictures.jpeg(portrait(80, 80)),
    "wide": lambda: pictures.jpeg(portrait(260, 80)),
    "noise": lambda: pictures.jpeg(noise()),
    "flat": lambda: pictures.jpeg(Image.new("RGB", (WIDTH, HEIGHT), "teal")),
    "coarse": lambda: _saved(portrait(), "JPEG", quality=5),
    "finest": lambda: _saved(portrait(), "JPEG", quality=100, subsampling=0, optimize=True),
    "4:2:2": lambda: _saved(portrait(), "JPEG", subsampling=1),
    "gray": lambda: pictures.jpeg(portrait().convert("L")),
    "cmyk": lambda: pictures.jpeg(portrait().convert("CMYK")),
    "progressive": lambda: pictures.jpeg(portrait(), progressive=True),
    "progressive gray": lambda: pictures.jpeg(portrait().convert("L"), progressive=True),
    "progressive cmyk": lambda: pictures.jpeg(portrait().convert("CMYK"), progressive=True),
    "restarts": lambda: pictures.jpeg(portrait(), restart_marker_blocks=2),
    "restarts, progressive": lambda: pictures.jpeg(
        portrait(), progressive=True, restart_marker_rows=1
    ),
    "turned": lambda: pictures.jpeg(portrait(), exif=pictures.exif(6)),
    "mirrored": lambda: pictures.jpeg(portrait(), exif=pictures.exif(5)),
    "profile": lambda: pictures.jpeg(portrait(), icc_profile=PROFILE, dpi=(72, 72)),
    "long profile": lambda: pictures.jpeg(portrait(), icc_profile=PROFILE + bytes(150_000)),
    "comment": lambda: pictures.jpeg(portrait(), comment=b"hello" * 1000),
    "rgb": lambda: pictures.jpeg(portrait(), keep_rgb=True),
    "several": lambda: _saved(
        portrait(), "MPO", save_all=True, append_images=[portrait(), noise()]
    ),
}

PNGS: dict[str, Maker] = {
    "rgb": lambda: pictures.png(portrait()),
    "small": lambda: pictures.png(portrait(80, 80)),
    "wide": lambda: pictures.png(portrait(260, 80)),
    "noise": lambda: pictures.png(noise()),
    "flat": lambda: pictures.png(Image.new("RGB", (WIDTH, HEIGHT), "teal")),
    "rgba": lambda: pictures.png(portrait().convert("RGBA")),
    "gray": lambda: pictures.png(portrait().convert("L")),
    "gray alpha": lambda: pictures.png(portrait().convert("LA")),
    "gray 16": lambda: pictures.png(_gray_16()),
    "one bit": lambda: pictures.png(portrait().convert("1")),
    "palette": lambda: pictures.png(portrait().convert("P")),
    "palette, clear": lambda: pictures.png(portrait().convert("P"), transparency=bytes(256)),
    "palette of 4": lambda: pictures.png(portrait().quantize(4), bits=2),
    "palette of 16": lambda: pictures.png(portrait().quantize(16), bits=4),
    "animation": lambda: pictures.png(
        portrait(), save_all=True, append_images=[noise(), portrait()], duration=5
    ),
    "metadata": lambda: pictures.png(
        portrait(), pnginfo=_texts(), icc_profile=PROFILE, exif=pictures.exif(6), dpi=(72, 72)
    ),
    **{
        f"depth {depth}, colour {colour}{', interlaced' * interlaced}": _of_pieces(
            depth, colour, interlaced
        )
        for colour, depths in pngs.DEPTHS.items()
        for depth in depths
        for interlaced in (False, True)
    },
}
