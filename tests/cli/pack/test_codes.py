"""The int8 codec of an embedder: no number is cut, and the margin covers the rounding."""

import numpy as np
import pytest

from semblance_cli.pack import codes
from tests.cli.pack.made import crowd

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("numbers", [64, 512])
def test_the_margin_holds_for_faces_that_were_not_measured(numbers):
    units, _ = crowd(400, 2, numbers=numbers)
    codec, missed = codes.fit(units[:400], "own-1")
    assert codec.size == numbers
    assert np.abs(units[:400]).max() < codec.largest < 1.2 * np.abs(units[:400]).max()
    assert 0 < missed < codec.margin < 0.03
    assert codes.below(codec, units[400:]) < codec.margin


def test_a_scale_that_cuts_numbers_costs_more_than_a_margin():
    units, _ = crowd(200, 2, numbers=64)
    codec, missed = codes.fit(units, "own-1")
    assert codes.below(codes.replace(codec, largest=codec.largest / 3), units) > 3 * missed
