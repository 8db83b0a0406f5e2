"""Reads the structure of JPEG and PNG files without decoding a pixel.

Hostile files are refused here, where a check costs microseconds and no memory.
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
"""SOF markers (ITU T.81, table B.1): the range without DHT, the reserved JPG and DAC."""
NEXT_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
"""The marker that ends entropy-coded data: no stuffed 0xFF, no fill byte, no restart marker."""

ORIENTATION_TAG = 0x0112
UPRIGHT = 1

PIXEL_CHUNKS = (b"IHDR", b"PLTE", b"IDAT", b"IEND")


class BrokenContainerError(ValueError):
    """The file starts like a JPEG or PNG but its structure is broken."""


@dataclass(frozen=True, slots=True)
class JpegHeader:
    width: int
    height: int
    scans: int
    """Passes of the decoder over the whole picture: 1 for a baseline file, about 10 for a
    progressive one."""


def read_jpeg_header(data: bytes) -> JpegHeader:
    """Raises BrokenContainerError for a file without a frame or a scan, or with a broken segment.

    Walks over all segments, since the number of scans stands nowhere."""
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
    """(marker, offset of its payload), up to the end of the image."""
    position = 2
    while True:
        found = NEXT_MARKER.search(data, position)
        if found is None:
            return  # no end marker: the decoder decides whether the image is complete
        marker = found[1][0]
        if marker == EOI:
            return
        start = found.end() + 2
        (length,) = _unpack(">H", data, found.end())
        yield marker, start
        position = found.end() + max(length, 2)


def orientation(exif: bytes) -> int:
    """EXIF's Orientation, 1 to 8. 1, upright, when the tag is missing or the block is broken."""
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
        pass  # a camera's mistake or an attack: the picture itself may be fine
    return UPRIGHT


def png_size(data: bytes) -> tuple[int, int]:
    """(width, height). Raises BrokenContainerError."""
    if data[12:16] != b"IHDR":
        raise BrokenContainerError("no IHDR")
    width, height = _unpack(">II", data, 16)
    return width, height


def png_pixels_only(data: bytes) -> bytes:
    """The file with the chunks that hold its pixels alone. Texts and profiles that inflate to
    megabytes, later frames of an animation, transparency and EXIF (which Rekognition ignores for
    PNG) go. Raises BrokenContainerError."""
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
