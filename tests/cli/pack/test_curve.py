"""The similarity curve: cosines at wanted rates, measured as far as the people allow it."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from semblance_cli.accuracy import distributions
from semblance_cli.accuracy.pairs import Faces
from semblance_cli.pack import curve, labels, tail
from semblance_cli.problems import CommandError
from tests.cli.pack.made import crowd

pytestmark = pytest.mark.slow


def found(people, photos=2, **options):
    units, faces = crowd(people, photos, **options)
    return distributions.measure(Faces(units, labels.numbered(faces)))


def test_knots_are_measured_as_far_as_the_people_allow_it():
    knots = curve.fit(found(400))
    assert [knot.similarity for knot in knots] == [5, 40, 80, 90, 95, 99]
    # 400 people make 79,800 pairs of people: a rate of 3.8e-4 is seen 30 times.
    assert [knot.measured for knot in knots] == [True, True, True, False, False, False]
    assert [knot.people for knot in knots][2:] == [334, 1241, 3736, 15812]
    cosines = [knot.cosine for knot in knots]
    assert cosines == sorted(cosines)


def test_a_measured_knot_has_its_rate():
    distribution = found(400)
    for knot in curve.fit(distribution)[:3]:
        assert distribution.far_at(knot.cosine) == pytest.approx(knot.far, rel=0.02)


def test_an_extrapolated_knot_is_near_the_cosine_that_more_people_show():
    """Cosines of random directions are nearly normal, with a deviation of 1 / sqrt(numbers)."""
    knots = curve.fit(found(300, 2, numbers=256, spread=1.0))
    # The directions of these faces differ in strength from 0.5 to 1.5.
    strengths = np.linspace(1.5, 0.5, 256) ** 2
    deviation = math.sqrt((strengths**2).sum()) / strengths.sum()
    for knot in knots[2:]:
        exact = NormalDist(0, deviation).inv_cdf(1 - knot.far)
        assert knot.cosine == pytest.approx(exact, abs=0.04)


def test_a_tail_of_very_many_people_has_the_shape_that_was_measured():
    chance = np.random.default_rng(0)
    shape, scale = -0.1, 0.02
    excesses = scale / shape * (1 - chance.random(400_000) ** shape)
    cosines = np.concatenate([0.3 + excesses, np.full(9_600_000, 0.1)])
    counts = np.bincount(((cosines + 1) * 100_000).astype(int).clip(0, 200_000), minlength=200_001)
    fitted = tail.fit(distributions.Cosines(counts), people=10**9)
    assert fitted.shape == pytest.approx(shape, abs=0.05)
    for far in (1e-4, 1e-5):
        exact = 0.3 + scale / shape * (1 - (far / 0.04) ** shape)
        assert fitted.cosine_at(far) == pytest.approx(exact, rel=0.05)


def test_the_curve_of_a_pack_goes_from_0_to_100():
    knots = curve.fit(found(400))
    calibration = curve.calibration(knots)
    assert (calibration[0], calibration[-1]) == ((0.0, 0.0), (1.0, 100.0))
    assert [similarity for _, similarity in calibration] == [0, 5, 40, 80, 90, 95, 99, 99.9, 100]
    assert [cosine for cosine, _ in calibration] == sorted(cosine for cosine, _ in calibration)


def test_a_network_whose_vectors_are_all_alike_is_refused():
    units, faces = crowd(60, 2)
    alike = units + 3 * np.eye(128, dtype=np.float32)[0]
    alike /= np.linalg.norm(alike, axis=1, keepdims=True)
    with pytest.raises(CommandError, match="this network does not tell these people apart"):
        curve.fit(distributions.measure(Faces(alike, labels.numbered(faces))))
