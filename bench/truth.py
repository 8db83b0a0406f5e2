"""What exact float32 search finds, and how an answer compares with it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.vectors import Store
from semblance.embedding.codec import Embeddings, unpack_block

TOP = 80
_TIE = 2e-6
"""Cosines that differ by less are the same to float32."""


class Truth(NamedTuple):
    probes: Embeddings
    cosines: NDArray[np.float64]
    """(probes, TOP) of the best, best first."""


def exact(store: Store, faces: int, probes: Embeddings) -> Truth:
    best = np.full((len(probes), TOP), -np.inf)
    for rows in store.blocks(faces):
        cosines = np.concatenate([best, (rows @ probes.T).T.astype(np.float64)], axis=1)
        best = -np.partition(-cosines, TOP - 1, axis=1)[:, :TOP]
    return Truth(probes, -np.sort(-best, axis=1))


def judge(store: Store, truth: Truth, found: dict[int, list[int]]) -> dict[str, float | int]:
    """Ties aside: the share of the exact TOP that was found, of the searches that found all of
    them in the exact order, and the furthest that a face stood from its place, as a cosine."""
    shares, orders, off = [], [], []
    for number, places in found.items():
        cosines = unpack_block(store.take(np.asarray(places)), len(places)) @ truth.probes[number]
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
