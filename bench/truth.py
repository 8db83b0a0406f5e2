"""The answers of an exact float32 search, and how other answers compare with them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.figures import Judgement
from bench.vectors import Store
from semblance.embedding.codec import Embeddings, unpack

TOP = 80
_TIE = 2e-6
"""float32 cannot tell cosines apart that differ by less."""


class Truth(NamedTuple):
    probes: Embeddings
    cosines: NDArray[np.float64]
    """(probes, TOP): the highest ones of each probe, in falling order."""


def exact(store: Store, faces: int, probes: Embeddings) -> Truth:
    best = np.full((len(probes), TOP), -np.inf)
    for rows in store.blocks(faces):
        cosines = np.concatenate([best, (rows @ probes.T).T.astype(np.float64)], axis=1)
        best = -np.partition(-cosines, TOP - 1, axis=1)[:, :TOP]
    return Truth(probes, -np.sort(-best, axis=1))


def judge(store: Store, truth: Truth, found: dict[int, list[int]]) -> Judgement:
    """Compare rows found by each probe's number with the exact ones; ties count as right.

    `found` is the share of the exact TOP, `same_order` the share of searches in the exact order,
    `furthest_off` the largest difference of two cosines in the same place."""
    shares, orders, off = [], [], []
    for number, places in found.items():
        cosines = unpack(store.take(np.asarray(places))) @ truth.probes[number]
        wanted = truth.cosines[number][: len(cosines)]
        shares.append(float(np.mean(cosines >= wanted[-1] - _TIE)))
        difference = np.abs(cosines - wanted)
        orders.append(bool(np.all(difference <= _TIE)))
        off.append(float(difference.max()))
    return {
        "searches_judged": len(found),
        "found": round(float(np.mean(shares)), 6),
        "same_order": round(float(np.mean(orders)), 4),
        "furthest_off": round(max(off), 7),
    }
