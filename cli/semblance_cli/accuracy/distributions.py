"""The genuine and the impostor distribution of some faces, and the rates that follow from them.

Rates are fractions. Cosines are those of stored embeddings; a `SimilarityScale` turns them into the
similarity that callers see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from semblance_cli.accuracy import pairs
from semblance_cli.accuracy.pairs import NO_PAIR, Block, Faces

_BINS_A_UNIT = 100_000
"""Bins of 0.00001. Storing an embedding in 16 bits moves a cosine by 0.0004."""
_BINS = 2 * _BINS_A_UNIT + 1


@dataclass(frozen=True, eq=False)
class Cosines:
    """A fine histogram of cosines."""

    counts: NDArray[np.int64]

    @cached_property
    def total(self) -> int:
        return int(self.counts.sum())

    def reaching(self, cosine: float) -> int:
        """How many are at least `cosine`."""
        return int(self._reaching[min(max(_bin(cosine), 0), _BINS)])

    def share_reaching(self, cosine: float) -> float:
        """Not a number without any pair."""
        return self.reaching(cosine) / self.total if self.total else float("nan")

    def reached_by(self, share: float) -> float:
        """The lowest cosine that at most this share reaches."""
        allowed = share * self.total
        place = int(np.searchsorted(-self._reaching, -allowed))
        return place / _BINS_A_UNIT - 1

    def coarse(self, width: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """(lower edges, counts) of bins of `width`, a multiple of 0.00001, from -1 to 1."""
        step = round(width * _BINS_A_UNIT)
        starts = np.arange(0, _BINS, step)
        counts: NDArray[np.int64] = np.add.reduceat(self.counts, starts)
        return starts / _BINS_A_UNIT - 1, counts

    @cached_property
    def _reaching(self) -> NDArray[np.int64]:
        """(_BINS + 1,): how many are in this bin or above it."""
        downward = np.cumsum(self.counts[::-1])[::-1]
        return np.append(downward, 0)


@dataclass(frozen=True, eq=False)
class Distributions:
    genuine: Cosines
    impostor: Cosines
    people: int
    people_with_pairs: int
    """People with two faces or more, who alone have genuine pairs."""

    @property
    def pairs_of_people(self) -> int:
        return self.people * (self.people - 1) // 2

    def far_at(self, cosine: float) -> float:
        """False acceptance rate: the share of impostor pairs that reach the cosine."""
        return self.impostor.share_reaching(cosine)

    def tar_at(self, cosine: float) -> float:
        """True acceptance rate: the share of genuine pairs that reach the cosine."""
        return self.genuine.share_reaching(cosine)

    def threshold_at(self, far: float) -> float:
        """The lowest cosine whose false acceptance rate is at most `far`."""
        return self.impostor.reached_by(far)


def measure(faces: Faces) -> Distributions:
    return Distributions(
        _histogram(pairs.genuine(faces)),
        _histogram(pairs.impostor(faces)),
        faces.people,
        faces.people_with_pairs,
    )


def _histogram(blocks: Iterable[Block]) -> Cosines:
    counts = np.zeros(_BINS, np.int64)
    for cosines, _, _ in blocks:
        values = cosines[cosines > (NO_PAIR - 1) / 2]
        places = ((values + 1) * _BINS_A_UNIT).astype(np.int32)
        counts += np.bincount(places.clip(0, _BINS - 1), minlength=_BINS)
    return Cosines(counts)


def _bin(cosine: float) -> int:
    """The first bin whose cosines all reach `cosine`, which may lie on its edge."""
    return int(np.ceil(round((cosine + 1) * _BINS_A_UNIT, 3)))
