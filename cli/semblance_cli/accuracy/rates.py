"""Rates with their 95 % intervals, which count people and not pairs.

Pairs share people: a person whose face resembles many others is in all of their false matches, and
ten photos of one person make 45 pairs that succeed or fail together. An interval over pairs, or a
bootstrap that draws pairs, takes them for independent and is far too narrow. Here the variance is
the one that is robust to shared members (over people for TAR; over pairs of people with a member in
common, "dyadic-robust", for FAR), which a bootstrap over people would find by drawing. It gives an
effective number of independent trials, and Wilson's interval is computed for that number: unlike
the quantiles of a bootstrap, it holds when no error or next to none was seen, as in surveys (Korn
and Graubard, 1998). A person, or a pair of people, counts as one trial at most.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semblance_cli.accuracy import pairs
from semblance_cli.accuracy.pairs import Block, Faces

_Z = 1.959964
"""Standard deviations of a 95 % interval."""
RULE_OF_THREE, RULE_OF_THIRTY = 3, 30
"""In n independent trials without an error, the rate is below 3 / n with 95 % confidence. With 30
errors it is known to 30 % with 90 % confidence (Doddington; ISO/IEC 19795-1)."""


@dataclass(frozen=True, slots=True)
class Rate:
    hits: int
    """Pairs that reach the threshold."""
    pairs: int
    low: float
    high: float
    """The 95 % interval; 0 and 1 when there is no pair."""

    @property
    def value(self) -> float:
        """Not a number when there is no pair."""
        return self.hits / self.pairs if self.pairs else math.nan


def true_acceptance(faces: Faces, cosines: Sequence[float]) -> list[Rate]:
    """A rate for each threshold."""
    sizes = faces.sizes.astype(np.int64)
    trials = sizes * (sizes - 1) // 2
    hits = np.zeros((len(cosines), faces.people), np.int64)
    for block in pairs.genuine(faces):
        person = faces.persons[block.first_row]
        for place, cosine in enumerate(cosines):
            hits[place, person] += np.count_nonzero(block.cosines >= cosine)
    return [_over_people(each, trials) for each in hits]


def false_acceptance(faces: Faces, cosines: Sequence[float]) -> list[Rate]:
    """A rate for each threshold."""
    tallies = [_Tally(faces, cosine) for cosine in cosines]
    lowest = min(cosines, default=1.0)
    for block in pairs.impostor(faces):
        rows, columns = np.nonzero(block.cosines >= lowest)
        found = block.cosines[rows, columns]
        dyads = _dyads(faces, block, rows, columns)
        for tally in tallies:
            tally.add(dyads[found >= tally.cosine])
    return [tally.rate() for tally in tallies]


def supported(pairs_of_people: int) -> float:
    """The lowest FAR that so many pairs of people can show (rule of three)."""
    return min(1.0, RULE_OF_THREE / pairs_of_people) if pairs_of_people else 1.0


def people_for(far: float, rule: int = RULE_OF_THREE) -> int:
    """So many people have rule / far pairs of people."""
    return math.ceil((1 + math.sqrt(1 + 8 * rule / far)) / 2)


def wilson(share: float, trials: float) -> tuple[float, float]:
    """The 95 % interval of a share that was seen in so many independent trials."""
    if trials <= 0:
        return 0.0, 1.0
    weight = _Z**2 / trials
    middle = (share + weight / 2) / (1 + weight)
    reach = math.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    # At 0 and 1 the sum of two roundings may leave the range.
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _dyads(faces: Faces, block: Block, rows: pairs.Places, columns: pairs.Places) -> pairs.Places:
    """A number for each pair of people, of some cells of a block."""
    ones = faces.persons[block.first_row + rows]
    others = faces.persons[block.first_column + columns]
    return ones * faces.people + others


class _Tally:
    """The false matches of each person and pair of people at one threshold."""

    def __init__(self, faces: Faces, cosine: float) -> None:
        self.cosine = cosine
        self._sizes = faces.sizes.astype(np.float64)
        self._by_person = np.zeros(faces.people)
        self._squares = self._weighted = 0.0
        self._hits = 0

    def add(self, dyads: pairs.Places) -> None:
        """False matches of a block that has all pairs of its pairs of people."""
        people = len(self._sizes)
        numbers, counts = np.unique(dyads, return_counts=True)
        ones, others = np.divmod(numbers, people)
        for side in (ones, others):
            self._by_person += np.bincount(side, counts, minlength=people)
        self._squares += float((counts.astype(np.float64) ** 2).sum())
        self._weighted += float((counts * self._sizes[ones] * self._sizes[others]).sum())
        self._hits += len(dyads)

    def rate(self) -> Rate:
        """Sums are over pairs of people. Of each, e = its false matches less those that the overall
        rate would give it."""
        sizes, faces, people = self._sizes, self._sizes.sum(), len(self._sizes)
        squares = (sizes**2).sum()
        trials = float(faces**2 - squares) / 2
        share = self._hits / trials if trials else 0.0
        trials_squared = float(squares**2 - (sizes**4).sum()) / 2
        own = self._squares - 2 * share * self._weighted + share**2 * trials_squared
        by_person = self._by_person - share * sizes * (faces - sizes)
        # Each pair of people is in the sums of both of its members: counted twice, wanted once.
        common = float((by_person**2).sum()) - own
        return _rate(self._hits, int(trials), max(common, own), people * (people - 1) / 2)


def _over_people(hits: NDArray[np.int64], trials: NDArray[np.int64]) -> Rate:
    total = int(trials.sum())
    share = int(hits.sum()) / total if total else 0.0
    scatter = float(((hits - share * trials) ** 2).sum())
    return _rate(int(hits.sum()), total, scatter, float((trials > 0).sum()))


def _rate(hits: int, trials: int, scatter: float, most: float) -> Rate:
    """`scatter`: the variance of `hits`. `most`: independent trials at the most."""
    share = hits / trials if trials else 0.0
    variance = scatter / trials**2 if trials else 0.0
    independent = share * (1 - share) / variance if variance > 0 else most
    low, high = wilson(share, min(independent, most))
    return Rate(hits, trials, low, high)
