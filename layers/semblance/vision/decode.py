"""Bytes to an upright RGB picture, or to a refusal that names what is wrong."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from semblance.errors import (
    ImageTooLargeException,
    InvalidImageFormatException,
    InvalidParameterException,
)
from semblance.vision import containers
from semblance.vision.containers import JPEG_START, PNG_START, BrokenContainerError

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


def decode(data: bytes) -> Image.Image:
    """Upright by EXIF for JPEG; PNG as it is. Raises the three exceptions imported above."""
    try:
        if data.startswith(JPEG_START):
            return _decode_jpeg(data)
        if data.startswith(PNG_START):
            return _decode_png(data)
    except BrokenContainerError as error:
        raise InvalidImageFormatException from error
    raise InvalidImageFormatException


def _decode_jpeg(data: bytes) -> Image.Image:
    header = containers.read_jpeg_header(data)
    _check_size(header.width, header.height)
    if header.width * header.height * header.scans > MAX_SCANNED_PIXELS:
        raise ImageTooLargeException(
            f"Image size is too large. {header.scans} scans of {header.width} x {header.height} "
            "pixels take too long to decode."
        )
    picture, orientation = _load(JpegImageFile, data, (header.width, header.height))
    turn = TRANSPOSE_OF.get(orientation)
    return picture.transpose(turn) if turn is not None else picture


def _decode_png(data: bytes) -> Image.Image:
    size = containers.png_size(data)
    _check_size(*size)
    picture, _ = _load(PngImageFile, containers.png_pixels_only(data), size)
    return picture


def _check_size(width: int, height: int) -> None:
    """From the header, before a byte of the picture is decoded."""
    if min(width, height) < MIN_SIDE_PX:
        raise InvalidParameterException
    if max(width, height) > MAX_SIDE_PX or width * height > MAX_PIXELS:
        raise ImageTooLargeException(
            f"Image size is too large. Input image dimensions {width} x {height} exceed "
            f"{MAX_SIDE_PX} pixels a side or {MAX_PIXELS} pixels in all."
        )


def _load(
    reader: type[JpegImageFile] | type[PngImageFile], data: bytes, size: tuple[int, int]
) -> tuple[Image.Image, int]:
    """The format's own class and not Image.open: no other of Pillow's plugins is ever asked."""
    try:
        # Warnings are of odd metadata; it is the pixels that count.
        with warnings.catch_warnings(action="ignore"), reader(io.BytesIO(data)) as image:
            if image.size != size:  # a second header, behind the one that was checked
                raise BrokenContainerError("two sizes")
            return _to_rgb(image), containers.orientation(image.info.get("exif", b""))
    except MemoryError:
        raise
    except Exception as error:  # hostile bytes raise whatever a parser can raise
        raise InvalidImageFormatException from error


def _to_rgb(image: Image.Image) -> Image.Image:
    """Eight bits, three channels. Alpha is dropped, not blended: what lies under it counts."""
    if image.mode.startswith("I"):  # 16-bit gray, which Pillow would clip at 255
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    image.load()  # here, and not lazily in a converted copy: an RGB picture is not copied
    return image if image.mode == "RGB" else image.convert("RGB")
