"""Draws the result of a search on its photo: a box around the face, and a label beside it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from types_boto3_rekognition.type_defs import BoundingBoxTypeDef

GREEN = (22, 130, 70)
ORANGE = (200, 84, 16)
WHITE = (255, 255, 255)


class Box(NamedTuple):
    """Edges in pixels of the photo."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def of(cls, bounding_box: "BoundingBoxTypeDef", size: tuple[int, int]) -> "Box":
        """From a reply, where boxes are fractions of the photo and may reach beyond it."""
        left, top = bounding_box["Left"] * size[0], bounding_box["Top"] * size[1]
        right = left + bounding_box["Width"] * size[0]
        return cls(left, top, right, top + bounding_box["Height"] * size[1])


def annotated(
    photo: Image.Image, bounding_box: "BoundingBoxTypeDef", label: str, *, found: bool
) -> Image.Image:
    """A copy with the box and the label; `found` chooses the colour."""
    picture = photo.convert("RGB")
    colour = GREEN if found else ORANGE
    unit = max(picture.size) / 400
    text = max(14, 11 * unit)
    font = ImageFont.load_default(text)
    box = Box.of(bounding_box, picture.size)
    pad = text / 3
    width = font.getlength(label) + 2 * pad
    height = text + 2 * pad
    place = _place(box, width, height, picture.size)
    if place is None:
        picture, place = _with_room_below(picture, colour, height)
    draw = ImageDraw.Draw(picture)
    draw.rectangle(box, outline=colour, width=max(2, round(1.5 * unit)))
    draw.rectangle((*place, place[0] + width, place[1] + height), fill=colour)
    draw.text((place[0] + pad, place[1] + height / 2), label, WHITE, font, anchor="lm")
    return picture


def _place(
    box: Box, width: float, height: float, size: tuple[int, int]
) -> tuple[float, float] | None:
    """The corner of a label that touches the box from outside and fits into the picture.

    None if there is no such place, and if the label is so much wider than the face that it would
    hide the neighbours in a group photo.
    """
    if width > 3 * (box.right - box.left):
        return None
    for left, top in _beside(box, width, height, size[0]):
        if left >= 0 and top >= 0 and left + width <= size[0] and top + height <= size[1]:
            return left, top
    return None


def _beside(
    box: Box, width: float, height: float, picture_width: int
) -> Iterator[tuple[float, float]]:
    """Corners below the box first, where a label hides least, then above, right and left."""
    aligned = min(max(box.left, 0), max(picture_width - width, 0))
    yield aligned, box.bottom
    yield aligned, box.top - height
    yield box.right, box.top
    yield box.left - width, box.top


def _with_room_below(
    picture: Image.Image, colour: tuple[int, int, int], height: float
) -> tuple[Image.Image, tuple[float, float]]:
    taller = Image.new("RGB", (picture.width, picture.height + round(height)), colour)
    taller.paste(picture)
    return taller, (0, picture.height)
