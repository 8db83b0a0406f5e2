"""The size of an embedding: as few directions as lose nothing, measured on other people."""

import numpy as np
import pytest

from semblance_cli.pack import basis as bases
from semblance_cli.pack import labels
from tests.cli.pack.made import crowd

pytestmark = pytest.mark.slow


def made(size=None, **options):
    units, faces = crowd(**options)
    return units, bases.make(units, labels.numbered(faces), size)


def test_directions_that_no_face_uses_are_left_out():
    units, basis = made(people=400, photos=2, numbers=256, rank=96)
    assert basis.directions.shape == (256, 96)
    assert basis.loss.most < 1e-5
    cut = bases.projected(units, basis.directions)
    assert np.abs(cut @ cut.T - units @ units.T).max() < 1e-5


def test_a_network_that_uses_all_of_its_numbers_keeps_them():
    _, basis = made(people=400, photos=2, numbers=128)
    assert basis.directions.shape == (128, 128)
    assert np.allclose(basis.directions.T @ basis.directions, np.eye(128), atol=1e-5)


def test_few_faces_do_not_pass_for_few_directions():
    _, basis = made(people=40, photos=2, numbers=256)
    assert basis.directions.shape == (256, 256)


def test_a_size_that_the_owner_wants_has_its_price():
    _, basis = made(size=64, people=400, photos=2, numbers=128)
    assert basis.directions.shape == (128, 64)
    assert basis.loss.most > 0.05


def test_the_strongest_direction_comes_first_whichever_machine_computes_it():
    units, basis = made(people=400, photos=2, numbers=128)
    squares = ((units @ basis.directions) ** 2).mean(axis=0)
    assert (np.diff(squares) < 1e-7).all()
    assert 0.5 < basis.energy < 1
    peaks = basis.directions[np.abs(basis.directions).argmax(axis=0), np.arange(128)]
    assert (peaks > 0).all()
