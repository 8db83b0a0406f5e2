"""Files that are accepted as pictures, files that are refused, and the texts of the refusals."""

import contextlib
import random
import struct
import tracemalloc
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from semblance.errors import (
    ImageTooLargeException,
    InvalidImageFormatException,
    InvalidParameterException,
)
from semblance.vision.picture.decode import MAX_PIXELS, decode
from tests.vision import pictures

REFUSALS = (ImageTooLargeException, InvalidImageFormatException, InvalidParameterException)


@pytest.fixture(scope="module")
def drawing() -> Image.Image:
    """Four colours that survive JPEG: no two corners alike."""
    picture = Image.new("RGB", (160, 120), "gray")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 79, 59), fill=(200, 40, 40))
    draw.rectangle((80, 0, 159, 59), fill=(40, 200, 40))
    draw.rectangle((0, 60, 79, 119), fill=(40, 40, 200))
    return picture


def corner(picture: Image.Image) -> tuple[int, ...]:
    pixel = picture.getpixel((20, 20))
    assert isinstance(pixel, tuple)
    return pixel


def gray_16(picture: Image.Image) -> Image.Image:
    wide = np.asarray(picture.convert("L")).astype(np.uint16) * 257
    return Image.fromarray(wide)


@pytest.mark.parametrize(
    "encode",
    [
        pictures.jpeg,
        lambda p: pictures.jpeg(p, progressive=True),
        lambda p: pictures.jpeg(p, restart_marker_blocks=2),
        lambda p: pictures.jpeg(p, subsampling=0, optimize=True),
        pictures.png,
        lambda p: pictures.png(p.convert("RGBA")),
        lambda p: pictures.png(p.convert("P", palette=Image.Palette.ADAPTIVE)),
    ],
)
def test_colour_pictures(drawing: Image.Image, encode: Callable[[Image.Image], bytes]) -> None:
    picture = decode(encode(drawing))
    assert (picture.mode, picture.size) == ("RGB", (160, 120))
    assert corner(picture) == pytest.approx((200, 40, 40), abs=6)


@pytest.mark.parametrize(
    "encode",
    [
        lambda p: pictures.jpeg(p.convert("L")),
        lambda p: pictures.png(p.convert("L")),
        lambda p: pictures.png(p.convert("LA")),
        lambda p: pictures.png(gray_16(p)),
    ],
)
def test_gray_pictures(drawing: Image.Image, encode: Callable[[Image.Image], bytes]) -> None:
    picture = decode(encode(drawing))
    assert (picture.mode, picture.size) == ("RGB", (160, 120))
    luma = drawing.convert("L").getpixel((20, 20))
    assert corner(picture) == pytest.approx((luma,) * 3, abs=3)


def test_a_picture_with_1_bit_a_pixel(drawing: Image.Image) -> None:
    picture = decode(pictures.png(drawing.convert("1", dither=Image.Dither.NONE)))
    assert picture.mode == "RGB"
    assert set(np.unique(np.asarray(picture))) <= {0, 255}


def test_cmyk_jpeg(drawing: Image.Image) -> None:
    assert corner(decode(pictures.jpeg(drawing.convert("CMYK")))) == pytest.approx(
        (200, 40, 40), abs=8
    )


def test_colours_of_16_bits(drawing: Image.Image) -> None:
    """Pillow cannot write such a file, so this test makes its chunks."""
    rows = np.asarray(drawing).astype(">u2") * 257
    scanlines = b"".join(b"\x00" + row.tobytes() for row in rows)
    file = png_of(struct.pack(">IIBBBBB", 160, 120, 16, 2, 0, 0, 0), scanlines)
    assert corner(decode(file)) == (200, 40, 40)


def test_interlaced_png() -> None:
    """Adam7 with one colour: the rows of all seven passes are the same."""
    header = struct.pack(">IIBBBBB", 160, 120, 8, 2, 0, 0, 1)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)]
    passes += [(0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    scanlines = b"".join(
        (b"\x00" + b"\xc8\x28\x28" * len(range(x, 160, dx))) * len(range(y, 120, dy))
        for x, y, dx, dy in passes
    )
    picture = decode(png_of(header, scanlines))
    assert np.unique(np.asarray(picture).reshape(-1, 3), axis=0).tolist() == [[200, 40, 40]]


def test_transparency_is_dropped_and_not_blended(drawing: Image.Image) -> None:
    clear = drawing.copy()
    clear.putalpha(0)
    assert corner(decode(pictures.png(clear))) == (200, 40, 40)
    palette = drawing.convert("P", palette=Image.Palette.ADAPTIVE)
    see_through = pictures.png(palette, transparency=bytes(palette.width))
    assert corner(decode(see_through)) == pytest.approx((200, 40, 40), abs=6)


def test_an_animation_shows_its_first_frame(drawing: Image.Image) -> None:
    file = pictures.png(drawing, save_all=True, append_images=[Image.new("RGB", drawing.size)])
    assert b"acTL" in file
    assert corner(decode(file)) == (200, 40, 40)


def test_a_jpeg_with_further_pictures_behind_it_shows_the_first(drawing: Image.Image) -> None:
    file = pictures.jpeg(drawing) + pictures.jpeg(Image.new("RGB", (99, 99)))
    assert decode(file).size == (160, 120)
    several = pictures.other(drawing, "MPO")
    assert decode(several).size == (160, 120)


@pytest.mark.parametrize(
    ("orientation", "transposition"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_jpegs_are_turned_upright(
    drawing: Image.Image, orientation: int, transposition: Image.Transpose | None
) -> None:
    """The picture is stored as a camera in this orientation would store it."""
    stored = drawing if transposition is None else drawing.transpose(transposition)
    upright = decode(pictures.jpeg(stored, exif=pictures.exif(orientation)))
    assert upright.size == drawing.size
    assert np.abs(np.asarray(upright).astype(int) - np.asarray(drawing)).mean() < 2


def test_a_png_is_left_as_it_is(drawing: Image.Image) -> None:
    assert decode(pictures.png(drawing, exif=pictures.exif(6))).size == drawing.size


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_means_nothing_is_ignored(
    drawing: Image.Image, orientation: int
) -> None:
    assert decode(pictures.jpeg(drawing, exif=pictures.exif(orientation))).size == drawing.size


@pytest.mark.parametrize(
    "block", [b"", b"Exif\x00\x00", b"Exif\x00\x00II*\x00\xff\xff\xff\xff", b"Exif\x00\x00MM\x00*"]
)
def test_broken_exif_does_not_spoil_the_picture(drawing: Image.Image, block: bytes) -> None:
    assert decode(pictures.jpeg(drawing, exif=block)).size == drawing.size


@pytest.mark.parametrize("form", ["GIF", "WEBP", "TIFF", "BMP", "PPM", "ICO", "JPEG2000"])
def test_other_formats_are_refused(drawing: Image.Image, form: str) -> None:
    with pytest.raises(InvalidImageFormatException, match="Request has invalid image format"):
        decode(pictures.other(drawing, form))


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"hello", b"<svg/>", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\x00" * 99]
)
def test_a_file_that_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidImageFormatException):
        decode(data)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_truncated_pictures_are_refused(drawing: Image.Image, share: float) -> None:
    for whole in (pictures.jpeg(drawing), pictures.png(drawing)):
        with pytest.raises(InvalidImageFormatException):
            decode(whole[: int(len(whole) * share)])


def test_a_png_with_a_wrong_checksum_is_refused(drawing: Image.Image) -> None:
    file = bytearray(pictures.png(drawing))
    file[file.index(b"IDAT") + 10] ^= 1
    with pytest.raises(InvalidImageFormatException):
        decode(bytes(file))


@pytest.mark.parametrize("size", [(79, 400), (400, 79), (1, 1)])
def test_small_pictures_are_refused(size: tuple[int, int]) -> None:
    for encode in (pictures.jpeg, pictures.png):
        with pytest.raises(InvalidParameterException, match="Request has invalid parameters"):
            decode(encode(Image.new("RGB", size)))


def test_80_pixels_are_enough() -> None:
    assert decode(pictures.jpeg(Image.new("RGB", (80, 80)))).size == (80, 80)


@pytest.mark.parametrize("size", [(30_000, 30_000), (10_001, 100), (100, 10_001), (8_000, 7_000)])
def test_large_pictures_are_refused_by_the_size_in_their_header(size: tuple[int, int]) -> None:
    message = f"{size[0]} x {size[1]} exceed 10000 pixels a side or {MAX_PIXELS} pixels in all"
    for file in (pictures.png_claiming(*size), jpeg_claiming(*size)):
        with pytest.raises(ImageTooLargeException, match=message):
            decode(file)


def test_a_refusal_costs_no_memory() -> None:
    tracemalloc.start()
    with pytest.raises(ImageTooLargeException):
        decode(pictures.png_claiming(30_000, 30_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_second_header_does_not_get_past_the_first(drawing: Image.Image) -> None:
    file = pictures.jpeg(drawing)
    header = file.index(b"\xff\xc0")
    length = 2 + struct.unpack(">H", file[header + 2 : header + 4])[0]
    larger = bytearray(file[header : header + length])
    larger[5:9] = struct.pack(">HH", 60_000, 60_000)
    with pytest.raises(InvalidImageFormatException):
        decode(file[: header + length] + bytes(larger) + file[header + length :])


@pytest.mark.slow
def test_a_jpeg_of_endless_scans_is_refused() -> None:
    """Each scan costs a hundred bytes to send and a pass over all pixels to decode."""
    file = pictures.jpeg(Image.new("RGB", (3000, 3000)), progressive=True)
    last_scan = file.rindex(b"\xff\xda")
    bomb = file[:-2] + file[last_scan:-2] * 200 + file[-2:]
    assert len(bomb) < 1_000_000
    with pytest.raises(ImageTooLargeException, match="scans of 3000 x 3000 pixels"):
        decode(bomb)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP", b"iTXt"])
def test_chunks_that_inflate_to_megabytes_are_not_inflated(
    drawing: Image.Image, kind: bytes
) -> None:
    content = b"name\x00\x00" + zlib.compress(bytes(50_000_000))
    file = pictures.png(drawing)
    for _ in range(5):
        file = pictures.with_chunk(file, kind, content)
    assert corner(decode(file)) == (200, 40, 40)


def test_a_picture_with_ordinary_metadata_is_accepted(drawing: Image.Image) -> None:
    text = PngInfo()
    text.add_text("comment", "hello", zip=True)
    assert decode(pictures.png(drawing, pnginfo=text, dpi=(72, 72), icc_profile=b"x" * 99))
    assert decode(pictures.jpeg(drawing, comment=b"hello", dpi=(72, 72), icc_profile=b"x" * 99))


@pytest.mark.slow
def test_mangled_files_are_pictures_or_refused(drawing: Image.Image) -> None:
    """No other outcome is allowed, warnings included: pytest turns them into errors."""
    chance = random.Random(1927)  # noqa: S311  # the same files in every run
    wholes = [
        pictures.jpeg(drawing, exif=pictures.exif(6), dpi=(72, 72)),
        pictures.jpeg(drawing.convert("CMYK"), progressive=True),
        pictures.png(drawing.convert("P")),
        pictures.png(gray_16(drawing), exif=pictures.exif(6)),
    ]
    for _ in range(2000):
        file = bytearray(chance.choice(wholes))
        if chance.random() < 0.2:
            del file[chance.randrange(len(file)) :]
        for _ in range(chance.choice((1, 2, 20)) if file else 0):
            reach = min(len(file), chance.choice((60, 700, len(file))))
            file[chance.randrange(reach)] ^= 1 << chance.randrange(8)
        with contextlib.suppress(*REFUSALS):
            assert decode(bytes(file)).mode == "RGB"


def png_of(header: bytes, scanlines: bytes) -> bytes:
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(scanlines)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        pictures.png_chunk(kind, content) for kind, content in chunks
    )


def jpeg_claiming(width: int, height: int) -> bytes:
    file = bytearray(pictures.jpeg(Image.new("L", (100, 100))))
    header = file.index(b"\xff\xc0")
    file[header + 5 : header + 9] = struct.pack(">HH", height, width)
    return bytes(file)
