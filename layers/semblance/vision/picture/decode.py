"""Decodes JPEG and PNG bytes to an upright picture, or refuses them with Rekognition's error."""

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
"""Rekognition documents this limit for labels and moderation only."""
MAX_PIXELS = 50_000_000
"""Memory at this limit: half a gigabyte, measured, in 1 to 2 seconds. Four bytes a pixel for the
picture, as many to turn it upright or to drop alpha, and a progressive JPEG's coefficients."""
MAX_SCANNED_PIXELS = 1_000_000_000
"""Pixels times scans. A progressive JPEG has about 10 scans. A hostile one can repeat a scan of
100 bytes ten thousand times, and the decoder walks over the whole picture for each."""

TRANSPOSE_OF = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF's Orientation to the transposition that makes the picture upright."""

REDUCTIONS = (8, 4, 2)
"""Factors that libjpeg can shrink by while it decodes: it then computes fewer pixels a block."""

Reader = type[JpegImageFile] | type[PngImageFile]
"""The format's own class, not Image.open: none of Pillow's other plugins sees the bytes."""


class EncodedPhoto:
    """An image file. It is decoded again only when a caller needs more detail than before."""

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
            self._picture = None  # free its memory before the next is decoded
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
    """The whole picture, RGB and upright. Raises as `open_photo` does."""
    return open_photo(data).picture(1).level(1).pixels.convert("RGB")


def open_photo(data: bytes) -> EncodedPhoto:
    """Checks the header; pixels are decoded when the photo's `picture` is called. EXIF turns a JPEG
    upright; a PNG stays as it is.

    Raises InvalidImageFormatException, InvalidParameterException (a side is too short) and
    ImageTooLargeException. `picture` raises InvalidImageFormatException for broken pixels."""
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
    """The header's size, checked before anything is decoded."""
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
        # Pillow warns of odd metadata; only the pixels matter here.
        with warnings.catch_warnings(action="ignore"), reader(io.BytesIO(data)) as image:
            if image.size != size:  # a second header hides behind the one that was checked
                raise BrokenContainerError("two sizes")
            yield image
    except MemoryError:
        raise
    except Exception as error:  # hostile bytes can make a parser raise any exception
        raise InvalidImageFormatException from error


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Gray or RGB. Alpha is dropped, not blended: the pixels under it may show a face."""
    if image.mode.startswith("I"):  # 16-bit gray, which Pillow would clip at 255
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    image.load()  # explicit, so that an RGB picture need not be copied to be decoded
    return image if image.mode in ("L", "RGB") else image.convert("RGB")
