"""The label on an annotated photo: beside the face, inside the picture, large enough to read."""

import pytest
from PIL import Image, ImageChops

from tools.demo.annotate import annotated

BOXES = {
    "in the middle": (0.3, 0.3, 0.4, 0.3),
    "at the top": (0.3, -0.05, 0.4, 0.4),
    "at the bottom": (0.3, 0.6, 0.4, 0.45),
    "at the right": (0.8, 0.3, 0.3, 0.3),
    "as large as the picture": (0.0, 0.0, 1.0, 1.0),
    "one of a crowd": (0.6, 0.5, 0.03, 0.04),
}


@pytest.mark.slow
@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
@pytest.mark.parametrize("size", [(300, 360), (3000, 2000)])
def test_the_face_stays_uncovered(box, size):
    photo = Image.new("RGB", size, "white")
    left, top, width, height = box
    bounding_box = dict(zip(("Left", "Top", "Width", "Height"), box, strict=True))
    picture = annotated(photo, bounding_box, "Barack Obama  99.92 %", found=True)

    frame = 0.006 * max(size)
    face = picture.crop(
        (
            round(max(left, 0) * size[0] + frame),
            round(max(top, 0) * size[1] + frame),
            round(min(left + width, 1) * size[0] - frame),
            round(min(top + height, 1) * size[1] - frame),
        )
    )
    assert face.getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("size", [(300, 360), (3000, 2000)])
def test_the_label_is_legible_and_in_the_picture(size):
    photo = Image.new("RGB", size, "white")
    box = {"Left": 0.3, "Top": 0.3, "Width": 0.4, "Height": 0.3}
    plain, labelled = (annotated(photo, box, text, found=False) for text in ("", "Joe Biden"))
    _, top, right, bottom = ImageChops.difference(plain, labelled).getbbox()
    assert bottom - top >= max(size) / 40
    assert right < size[0]
    assert bottom < size[1]


def test_the_photo_itself_is_left_alone():
    photo = Image.new("RGB", (300, 360), "white")
    box = {"Left": 0.3, "Top": 0.3, "Width": 0.4, "Height": 0.3}
    annotated(photo, box, "Joe Biden", found=True)
    assert photo.getextrema() == ((255, 255),) * 3
