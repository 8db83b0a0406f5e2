"""Overlap and non-maximum suppression: properties that hold for any boxes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from semblance.vision.picture.boxes import overlap, suppress, visible_area

places = st.floats(-100, 100)
sides = st.floats(1, 100)


@st.composite
def many_boxes(draw: st.DrawFn) -> NDArray[np.float64]:
    rows = draw(st.lists(st.tuples(places, places, sides, sides), min_size=1, max_size=30))
    boxes = np.array(rows)
    boxes[:, 2:] += boxes[:, :2]
    return boxes


@pytest.mark.slow
@given(many_boxes())
def test_overlap_lies_between_0_and_1(boxes: NDArray[np.float64]) -> None:
    shares = overlap(boxes[0], boxes)
    assert ((shares >= 0) & (shares <= 1 + 1e-9)).all()
    assert shares[0] == pytest.approx(1)


@pytest.mark.slow
@given(many_boxes(), st.floats(0.1, 0.9))
def test_kept_boxes_do_not_overlap_and_the_others_do(
    boxes: NDArray[np.float64], iou: float
) -> None:
    scores = np.linspace(1, 0.5, len(boxes))
    kept = suppress(boxes, scores, iou)
    assert kept[0] == 0
    for i in kept:
        assert (np.delete(overlap(boxes[i], boxes[kept]), list(kept).index(i)) <= iou).all()
    for i in set(range(len(boxes))) - set(kept.tolist()):
        better = kept[scores[kept] > scores[i]]
        assert (overlap(boxes[i], boxes[better]) > iou).any()


def test_suppression_of_no_boxes_gives_none() -> None:
    assert len(suppress(np.empty((0, 4)), np.empty(0), 0.4)) == 0
    assert len(overlap(np.zeros(4), np.empty((0, 4)))) == 0


def test_only_the_part_inside_the_picture_counts() -> None:
    assert visible_area(np.array([-10.0, -10, 10, 10]), (100, 50)) == 100
    assert visible_area(np.array([200.0, 0, 210, 10]), (100, 50)) == 0
