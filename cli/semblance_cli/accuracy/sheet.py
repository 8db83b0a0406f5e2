"""The contact sheet: the two faces of each doubtful pair beside each other, with their files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from semblance.errors import ServiceError
from semblance.model.detected import Box
from semblance.vision.picture.decode import decode

FACE_PX = 128
_MARGIN = 0.35
"""Of the face's box, shown around it on each side."""
_COLUMNS = 3
_GAP, _LINE = 16, 18
_PAPER, _INK, _FAINT = "#ffffff", "#1d2327", "#66707a"
_QUALITY = 85


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two faces that may be mislabelled."""

    number: int
    files: tuple[str, str]
    similarity: float
    faces: tuple[Image.Image, Image.Image]
    """FACE_PX along each side."""


def face(path: Path, box: Box) -> Image.Image:
    """The face and its surroundings; plain gray when the photo is gone since it was measured."""
    try:
        picture = decode(path.read_bytes())
    except (OSError, ServiceError):
        return Image.new("RGB", (FACE_PX, FACE_PX), _FAINT)
    width, height = picture.size
    side = max(box.width * width, box.height * height) * (1 + 2 * _MARGIN)
    left = (box.left + box.width / 2) * width - side / 2
    top = (box.top + box.height / 2) * height - side / 2
    square = picture.crop((round(left), round(top), round(left + side), round(top + side)))
    return square.resize((FACE_PX, FACE_PX), Image.Resampling.LANCZOS)


def draw(titles: Sequence[tuple[str, Sequence[Pair]]]) -> Image.Image:
    """A picture with a section for each title that has pairs."""
    titles = [(title, pairs) for title, pairs in titles if pairs]
    tile_width, tile_height = 2 * FACE_PX + _GAP, FACE_PX + 3 * _LINE + _GAP
    heights = [3 * _LINE + -(-len(pairs) // _COLUMNS) * tile_height for _, pairs in titles]
    size = (_COLUMNS * (tile_width + _GAP) + _GAP, sum(heights) + 2 * _GAP)
    sheet = Image.new("RGB", size, _PAPER)
    pen = ImageDraw.Draw(sheet)
    top = _GAP
    for (title, pairs), height in zip(titles, heights, strict=True):
        pen.text((_GAP, top), title, _INK, font=ImageFont.load_default(17))
        for place, pair in enumerate(pairs):
            row, column = divmod(place, _COLUMNS)
            corner = (_GAP + column * (tile_width + _GAP), top + 2 * _LINE + row * tile_height)
            _draw_pair(sheet, pen, pair, corner)
        top += height
    return sheet


def jpeg(picture: Image.Image) -> bytes:
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=_QUALITY)
    return content.getvalue()


def _draw_pair(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, pair: Pair, corner: tuple[int, int]
) -> None:
    left, top = corner
    for place, picture in enumerate(pair.faces):
        sheet.paste(picture, (left + place * (FACE_PX + 2), top))
    text, font = top + FACE_PX + 2, ImageFont.load_default(13)
    pen.text((left, text), f"{pair.number}: {pair.similarity:.2f} %", _INK, font=font)
    for line, file in enumerate(pair.files, 1):
        shown = _fitting(file, font, 2 * FACE_PX)
        pen.text((left, text + line * (_LINE - 2)), shown, _FAINT, font=font)


def _fitting(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """The end of a long name, which tells files of one folder apart."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"...{text}") > width:
        text = text[1:]
    return f"...{text}"
