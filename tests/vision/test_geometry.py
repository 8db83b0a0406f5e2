"""Similarity transforms and crops: properties that hold for any face anywhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from semblance.vision.face.align import TEMPLATE, pose, to_aligned, yaw_proxy
from semblance.vision.picture.geometry import apply, invert, similarity, square, warp

turns = st.floats(-np.pi, np.pi)
scales = st.floats(0.05, 20)
shifts = st.floats(-2000, 2000)


@pytest.mark.slow
@given(turns, scales, shifts, shifts)
def test_the_estimated_similarity_is_the_one_applied(
    turn: float, scale: float, right: float, down: float
) -> None:
    done = np.array(
        [
            [scale * np.cos(turn), -scale * np.sin(turn), right],
            [scale * np.sin(turn), scale * np.cos(turn), down],
        ]
    )
    assert similarity(TEMPLATE, apply(done, TEMPLATE)) == pytest.approx(done, abs=1e-6)


@pytest.mark.slow
@given(turns, scales, shifts, shifts)
def test_the_inverse_undoes_a_similarity(
    turn: float, scale: float, right: float, down: float
) -> None:
    moved = np.array([[scale, -turn, right], [turn, scale, down]])
    back = apply(invert(moved), apply(moved, TEMPLATE))
    assert back == pytest.approx(TEMPLATE, abs=1e-6)


def test_similarity_never_mirrors() -> None:
    mirrored = TEMPLATE * [-1, 1]
    assert np.linalg.det(similarity(TEMPLATE, mirrored)[:, :2]) > 0


def test_points_that_coincide_do_not_divide_by_zero() -> None:
    assert np.isfinite(similarity(np.zeros((5, 2)), TEMPLATE)).all()


@pytest.mark.parametrize(
    ("quarter_turns", "top_left"), [(0, (40, 30)), (1, (40, 70)), (2, (80, 70)), (3, (80, 30))]
)
def test_a_square_turns_about_its_own_centre(quarter_turns: int, top_left: tuple[int, int]) -> None:
    """Clockwise on the screen: the bottom left corner moves to the top left."""
    to_crop = square(np.array([60.0, 50.0]), 40, 64, quarter_turns)
    assert apply(to_crop, np.array([[60.0, 50.0]])) == pytest.approx(np.array([[32, 32]]))
    corner = apply(invert(to_crop), np.array([[0.0, 0.0]]))[0]
    assert corner == pytest.approx(top_left)


def test_a_crop_of_the_same_size_is_the_picture_itself() -> None:
    picture = Image.effect_noise((64, 64), 80).convert("RGB")
    identity = np.array([[1.0, 0, 0], [0, 1, 0]])
    assert np.abs(warp(picture, identity, 64).astype(int) - np.asarray(picture)).max() <= 1


@pytest.mark.slow
@pytest.mark.parametrize("scale", [2.0, 0.9, 0.6, 0.4, 0.21, 0.1])
def test_crops_keep_to_continuous_coordinates(scale: float) -> None:
    """On a gradient, a crop's pixel has the value at its centre's source, at any scale."""
    slope = np.linspace(0, 250, 1001)
    row = (slope[:-1] + slope[1:]) / 2
    picture = Image.fromarray(np.tile(row[:, None], (1000, 1, 3)).astype(np.uint8))
    to_crop = square(np.array([500.3, 480.7]), 60 / scale, 60)
    centres = apply(invert(to_crop), np.stack([np.arange(60) + 0.5] * 2, axis=1))[:, 0]
    shown = warp(picture, to_crop, 60)[30, :, 0].astype(float)
    # Both the picture and the crop round their values down to integers.
    assert shown == pytest.approx(centres / 4 - 0.75, abs=1)
    assert shown.mean() == pytest.approx((centres / 4 - 0.75).mean(), abs=0.5)


def test_a_crop_is_black_outside_the_picture() -> None:
    picture = Image.new("RGB", (100, 100), "white")
    beyond = square(np.array([1000.0, 1000.0]), 400, 64)
    assert warp(picture, beyond, 64).max() == 0


def test_the_template_looks_straight_ahead() -> None:
    assert np.abs(to_aligned(TEMPLATE) - [[1, 0, 0], [0, 1, 0]]).max() < 1e-9
    assert abs(yaw_proxy(TEMPLATE)) < 0.02
    straight = pose(TEMPLATE)
    assert straight.roll == pytest.approx(0, abs=0.1)
    assert abs(straight.yaw) < 3


def test_the_signs_of_the_angles() -> None:
    """As in Rekognition: yaw towards image right, roll clockwise and pitch up are positive."""
    nose = np.zeros((5, 2))
    nose[2] = [6, 0]
    assert pose(TEMPLATE + nose).yaw > pose(TEMPLATE).yaw + 5
    assert yaw_proxy(TEMPLATE + nose) > 0.1
    assert pose(TEMPLATE - nose[:, ::-1]).pitch > pose(TEMPLATE).pitch + 5
    tilted = TEMPLATE @ np.array([[0.0, 1.0], [-1.0, 0.0]])  # the line from eye to eye points down
    assert pose(tilted).roll == pytest.approx(90, abs=0.5)


@pytest.mark.slow
@given(turns, st.floats(0.2, 5), shifts)
def test_yaw_does_not_depend_on_where_a_face_is(turn: float, scale: float, shift: float) -> None:
    moved = (
        TEMPLATE * scale @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    )
    assert yaw_proxy(moved + shift) == pytest.approx(yaw_proxy(TEMPLATE), abs=1e-6)
