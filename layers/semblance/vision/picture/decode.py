"""Bytes to an upright RGB picture, or to a refusal that names what is wrong."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from semblance.errors import (
    ImageTooLargeException,
    InvalidImageFormatException,
    InvalidParameterException,
)
from semblance.vision.picture import containers
from semblance.vision.picture.containers import JPEG_START, PNG_START, BrokenContainerError
from semblance.vision.picture.picture import Level, Picture, turned_size

MIN_SIDE_PX = 80
MAX_SIDE_PX = 10_000
"""Rekognition's limit where it documents one."""
MAX_PIXELS = 50_000_000
"""Four bytes a pixel for the picture and as many to turn it upright or to drop alpha, and the
coefficients of a progressive JPEG: half a gigabyte at this limit, measured, in 1 to 2 seconds."""
MAX_SCANNED_PIXELS = 1_000_000_000
"""Pixels times scans. A progressive JPEG has about 10 scans; one of 100 bytes may still be added
ten thousand times, and each walks over the whole picture."""

TRANSPOSE_OF = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF's Orientation to what makes the picture upright."""


REDUCTIONS = (8, 4, 2)
"""What libjpeg can shrink by while it decodes: it computes fewer pixels of each block then."""

Reader = type[JpegImageFile] | type[PngImageFile]
"""The format's own class and not Image.open: no other of Pillow's plugins is ever asked."""


class EncodedPhoto:
    """A file, decoded again only for who needs more of its pixels than are at hand."""

    def __init__(self, reader: Reader, data: bytes, stored_size: tuple[int, int]) -> None:
        self._reader = reader
        self._data = data
        self._stored_size = stored_size
        with _opened(reader, data, stored_size) as image:
            exif = image.info.get("exif", b"") if reader is JpegImageFile else b""
        self._turn = TRANSPOSE_OF.get(containers.orientation(exif))
        self._size = stored_size if self._turn is None else turned_size(stored_size, self._turn)
        self._reduction = 0
        self._picture: Picture | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self._size

    def picture(self, scale: float) -> Picture:
        reduction = self._reduction_for(scale)
        if self._picture is None or reduction < self._reduction:
            self._picture = None  # its memory is of use to the next
            self._picture = Picture(self._size, self._decoded(reduction))
            self._reduction = reduction
        return self._picture

    def _reduction_for(self, scale: float) -> int:
        if self._reader is not JpegImageFile:
            return 1
        return next((each for each in REDUCTIONS if each * scale <= 1), 1)

    def _decoded(self, reduction: int) -> Level:
        width, height = self._stored_size
        with _opened(self._reader, self._data, self._stored_size) as image:
            image.draft(None, (width // reduction, height // reduction))
            level = Level(_to_eight_bits(image), reduction)
        return level if self._turn is None else level.turned(self._turn, self._stored_size)


def decode(data: bytes) -> Image.Image:
    """Upright and in full. Raises as `open_photo` does."""
    return open_photo(data).picture(1).level(1).pixels.convert("RGB")


def open_photo(data: bytes) -> EncodedPhoto:
    """Upright by EXIF for JPEG; PNG as it is. Raises the three exceptions imported above: here for
    what its header says, and when pixels are asked for if those are broken."""
    try:
        if data.startswith(JPEG_START):
            return _open_jpeg(data)
        if data.startswith(PNG_START):
            size = containers.png_size(data)
            _check_size(*size)
            return EncodedPhoto(PngImageFile, containers.png_pixels_only(data), size)
    except BrokenContainerError as error:
        raise InvalidImageFormatException from error
    raise InvalidImageFormatException


def _open_jpeg(data: bytes) -> EncodedPhoto:
    header = containers.read_jpeg_header(data)
    _check_size(header.width, header.height)
    if header.width * header.height * header.scans > MAX_SCANNED_PIXELS:
        raise ImageTooLargeException(
            f"Image size is too large. {header.scans} scans of {header.width} x {header.height} "
            "pixels take too long to decode."
        )
    return EncodedPhoto(JpegImageFile, data, (header.width, header.height))


def _check_size(width: int, height: int) -> None:
    """From the header, before a byte of the picture is decoded."""
    if min(width, height) < MIN_SIDE_PX:
        raise InvalidParameterException
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
        raise ImageTooLargeException(
            f"Image size is too large. Input image dimensions {width} x {height} exceed "
            f"{MAX_SIDE_PX} pixels a side or {MAX_PIXELS} pixels in all."
        )


@contextmanager
def _opened(
    reader: Reader, data: bytes, size: tuple[int, int]
) -> Iterator[JpegImageFile | PngImageFile]:
    try:
        # Warnings are of odd metadata; it is the pixels that count.
        with warnings.catch_warnings(action="ignore"), reader(io.BytesIO(data)) as image:
            if image.size != size:  # a second header, behind the one that was checked
                raise BrokenContainerError("two sizes")
            yield image
    except MemoryError:
        raise
    except Exception as error:  # hostile bytes raise whatever a parser can raise
        raise InvalidImageFormatException from error


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Of gray or of three channels. Alpha is dropped, not blended: what lies under it counts."""
    if image.mode.startswith("I"):  # 16-bit gray, which Pillow would clip at 255
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    image.load()  # here, and not lazily in a converted copy: an RGB picture is not copied
    return image if image.mode in ("L", "RGB") else image.convert("RGB")
