"""Pixels at a requested scale, in coordinates that do not depend on the scale."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from semblance.vision.picture.canvas import canvas
from semblance.vision.picture.decode import open_photo
from semblance.vision.picture.geometry import square
from semblance.vision.picture.picture import Level, Picture
from tests.vision import pictures

SIZE = (1003, 797)
"""No multiple of 8: mirrored, such a picture begins inside a pixel of the reduced one."""

BACK = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""By EXIF orientation, the way a camera in that orientation stores an upright picture."""


@pytest.fixture(scope="module")
def disc() -> Image.Image:
    picture = Image.new("RGB", SIZE, "black")
    ImageDraw.Draw(picture).ellipse((540, 340, 860, 660), fill="white")
    return picture


def middle(pixels: np.ndarray) -> np.ndarray:
    """The centre of the light, in continuous coordinates."""
    light = pixels[..., 1].astype(float)
    light[light < 32] = 0
    y, x = np.indices(light.shape) + 0.5
    return np.array([(x * light).sum(), (y * light).sum()]) / light.sum()


@pytest.mark.slow
@pytest.mark.parametrize("orientation", BACK)
@pytest.mark.parametrize("scale", [1, 0.5, 0.25, 0.125, 0.01])
def test_crops_lie_in_the_same_place_at_every_scale_and_orientation(
    disc: Image.Image, orientation: int, scale: float
) -> None:
    back = BACK[orientation]
    stored = disc if back is None else disc.transpose(back)
    photo = open_photo(pictures.jpeg(stored, exif=pictures.exif(orientation)))
    assert photo.size == SIZE
    crop = photo.picture(scale).warp(square(np.array([700.5, 500.5]), 560, 112), 112)
    assert middle(crop) == pytest.approx((56, 56), abs=0.06)


@pytest.mark.parametrize(
    ("scale", "size"),
    [(1, (1003, 797)), (0.51, (1003, 797)), (0.5, (502, 399)), (0.2, (251, 200)), (0, (126, 100))],
)
def test_a_jpeg_is_decoded_at_the_largest_scale_requested_so_far(
    disc: Image.Image, scale: float, size: tuple[int, int]
) -> None:
    photo = open_photo(pictures.jpeg(disc))
    assert photo.picture(scale).level(1).pixels.size == size
    assert photo.picture(1).level(1).pixels.size == SIZE
    assert photo.picture(scale).level(1).pixels.size == SIZE, "decoded pixels are kept"


def test_a_png_has_all_its_pixels_at_once(disc: Image.Image) -> None:
    assert open_photo(pictures.png(disc)).picture(0.1).level(1).pixels.size == SIZE


@pytest.mark.parametrize(
    ("scale", "reduction"), [(1, 1), (0.6, 1), (0.5, 2), (0.26, 2), (0.1, 8), (0, 512)]
)
def test_the_level_is_the_smallest_that_has_the_requested_scale(
    disc: Image.Image, scale: float, reduction: int
) -> None:
    picture = Picture(SIZE, Level(disc, 1))
    level = picture.level(scale)
    assert level.reduction == reduction
    assert level.pixels.size == tuple(-(-side // reduction) for side in SIZE)
    assert picture.level(scale) is level


def test_a_canvas_is_padded_and_may_be_larger_than_the_picture(disc: Image.Image) -> None:
    picture = Picture(SIZE, Level(disc, 1))
    kept = canvas(picture, 1003)
    assert kept.pixels.shape == (800, 1024, 3)
    assert (kept.pixels[:797, :1003] == np.asarray(disc)).all()
    assert not kept.pixels[797:].any()
    assert canvas(picture, 2006).pixels.shape == (1600, 2016, 3)
