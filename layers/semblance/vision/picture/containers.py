"""What JPEG and PNG files say of themselves before anything is decoded.

Hostile files are told from pictures here, where a look costs microseconds and no memory.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

JPEG_START = b"\xff\xd8\xff"
PNG_START = b"\x89PNG\r\n\x1a\n"

SOS, EOI = 0xDA, 0xD9
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF markers: all of their range but Huffman tables, the reserved one, arithmetic conditioning."""
NEXT_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
"""What ends entropy-coded data: neither a stuffed 0xFF, nor fill, nor a restart."""

ORIENTATION_TAG = 0x0112
UPRIGHT = 1

PIXEL_CHUNKS = (b"IHDR", b"PLTE", b"IDAT", b"IEND")


class BrokenContainerError(ValueError):
    """The bytes are not what their beginning says they are."""


@dataclass(frozen=True, slots=True)
class JpegHeader:
    width: int
    height: int
    scans: int
    """How often the decoder will walk over the whole picture; progressive files have about 10."""


def read_jpeg_header(data: bytes) -> JpegHeader:
    size: tuple[int, int] | None = None
    scans = 0
    for marker, start in _jpeg_segments(data):
        if marker in FRAMES and size is None:
            height, width = _unpack(">HH", data, start + 1)
            size = (width, height)
        scans += marker == SOS
    if size is None or not scans:
        raise BrokenContainerError("no frame")
    return JpegHeader(*size, scans)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Each marker up to the end of the image, and where its payload starts."""
    position = 2
    while True:
        found = NEXT_MARKER.search(data, position)
        if found is None:
            return  # the end is missing: the decoder decides whether anything else is
        marker = found[1][0]
        if marker == EOI:
            return
        start = found.end() + 2
        (length,) = _unpack(">H", data, found.end())
        yield marker, start
        position = found.end() + max(length, 2)


def orientation(exif: bytes) -> int:
    """EXIF's Orientation, 1 to 8; 1 when there is none or the block is broken."""
    tiff = exif.removeprefix(b"Exif\x00\x00")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return UPRIGHT
    try:
        (directory,) = _unpack(f"{order}I", tiff, 4)
        (count,) = _unpack(f"{order}H", tiff, directory)
        for index in range(count):
            entry = directory + 2 + index * 12
            tag, _, _, value = _unpack(f"{order}HHIH", tiff, entry)
            if tag == ORIENTATION_TAG:
                return value if 1 <= value <= 8 else UPRIGHT
    except BrokenContainerError:
        pass  # a camera's mistake, or an attacker's: the picture itself may be fine
    return UPRIGHT


def png_size(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR":
        raise BrokenContainerError("no IHDR")
    width, height = _unpack(">II", data, 16)
    return width, height


def png_pixels_only(data: bytes) -> bytes:
    """The file without what is not its pixels: texts and profiles that inflate to megabytes,
    frames of an animation after the first, transparency, EXIF (which Rekognition ignores)."""
    view = memoryview(data)
    kept: list[bytes | memoryview] = [PNG_START]
    position = len(PNG_START)
    while True:
        length, kind = _unpack(">I4s", data, position)
        end = position + 12 + length
        if end > len(data):
            raise BrokenContainerError("truncated")
        if kind in PIXEL_CHUNKS:
            kept.append(view[position:end])
        if kind == b"IEND":
            return b"".join(kept)
        position = end


def _unpack(form: str, data: bytes, offset: int) -> tuple[Any, ...]:
    try:
        return struct.unpack_from(form, data, offset)
    except struct.error as error:
        raise BrokenContainerError("truncated") from error
