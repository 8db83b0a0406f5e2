"""Generated embeddings have the statistics of real ones and are the same on every run."""

import numpy as np
import pytest

from bench import collection, truth, vectors
from bench.vectors import Store
from semblance.embedding.codec import unpack

EXPECTED = {
    "impostor_mean": 0.01,
    "impostor_sd": 0.10,
    "genuine_p01": 0.28,
    "genuine_p50": 0.53,
    "genuine_p99": 0.76,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    made = Store(tmp_path_factory.mktemp("bench") / collection.STORE)
    made.grow(1)
    return made


@pytest.mark.slow
def test_cosines_are_spread_as_those_of_real_faces():
    measured = vectors.statistics()
    assert {name: measured[name] for name in EXPECTED} == pytest.approx(EXPECTED, abs=0.012)
    assert measured["largest_number"] < 0.47  # codes are clipped at 0.45, one number in a million


@pytest.mark.slow
def test_the_512_numbers_have_the_same_cosines(store):
    (rows,) = store.blocks(100)
    wide = vectors.as_the_model_gives_them(rows)
    assert wide.shape == (100, 512)
    np.testing.assert_allclose(wide @ wide.T, rows @ rows.T, atol=1e-6)


@pytest.mark.slow
def test_a_smaller_collection_is_the_beginning_of_a_larger_one(store):
    few, more = (np.concatenate(list(store.blocks(rows))) for rows in (300, 700))
    np.testing.assert_array_equal(few, more[:300])
    np.testing.assert_array_equal(few, unpack(store.take(np.arange(300))))


def test_a_face_id_encodes_its_row_and_ids_spread_over_all_shards():
    ids = [collection.face_id(row) for row in range(2_000)]
    assert [collection.row_of(face_id) for face_id in ids] == list(range(2_000))
    assert {face_id[0] for face_id in ids} == set("0123456789abcdef")


@pytest.mark.slow
def test_a_missed_face_and_a_wrong_order_are_reported(store):
    probes = vectors.probes(2)
    exact = truth.exact(store, 5_000, probes)
    (rows,) = store.blocks(5_000)
    best = [np.argsort(-(rows @ probe), kind="stable")[: truth.TOP].tolist() for probe in probes]
    perfect = truth.judge(store, exact, {0: best[0], 1: best[1]})
    assert (perfect["found"], perfect["same_order"]) == (1, 1)

    swapped = [best[0][1], best[0][0], *best[0][2:]]
    assert truth.judge(store, exact, {0: swapped}) | {"furthest_off": 0} == {
        "searches_judged": 1, "found": 1, "same_order": 0, "furthest_off": 0,
    }  # fmt: skip

    worst = int(np.argmin(rows @ probes[0]))
    assert truth.judge(store, exact, {0: [*best[0][:-1], worst]})["found"] == 1 - 1 / truth.TOP
