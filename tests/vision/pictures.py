"""Picture files made for the tests; none is committed."""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any

from PIL import Image

from semblance.vision.picture.picture import Level, Picture

ORIENTATION_TAG = 0x0112


@dataclass(frozen=True)
class PlainPhoto:
    """A picture that never was a file."""

    pixels: Image.Image

    @property
    def size(self) -> tuple[int, int]:
        return self.pixels.size

    def picture(self, scale: float) -> Picture:
        return Picture(self.size, Level(self.pixels, 1))


def jpeg(picture: Image.Image, **options: Any) -> bytes:
    return _encoded(picture, "JPEG", quality=95, **options)


def png(picture: Image.Image, **options: Any) -> bytes:
    return _encoded(picture, "PNG", compress_level=1, **options)


def other(picture: Image.Image, form: str) -> bytes:
    return _encoded(picture, form)


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[ORIENTATION_TAG] = orientation
    return block.tobytes()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + crc


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of about fifty bytes that claims to be this large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00")
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", pixels)
        + png_chunk(b"IEND", b"")
    )


def with_chunk(file: bytes, kind: bytes, content: bytes) -> bytes:
    """The PNG with one more chunk after its header."""
    header_end = 8 + 12 + 13
    return file[:header_end] + png_chunk(kind, content) + file[header_end:]


def _encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()
