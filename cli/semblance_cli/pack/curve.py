"""The similarity curve of an embedder: the cosines at which it makes as many false matches as the
default embedder does at the same similarity."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from semblance.vision.packs.specs import Knots
from semblance_cli.accuracy import rates
from semblance_cli.accuracy.distributions import Distributions
from semblance_cli.pack import tail
from semblance_cli.problems import CommandError

FARS = {5.0: 7.7e-2, 40.0: 6.3e-3, 80.0: 5.4e-4, 90.0: 3.9e-5, 95.0: 4.3e-6, 99.0: 2.4e-7}
"""Similarity to the false acceptance rate that it stands for: from 80 on, the rates that the
default embedder was calibrated to; below, those that it has on LFW."""
_NEARLY_SURE, _SHARE_BEYOND_99 = 99.9, 0.34
"""The knot of 99.9 lies this share of the way from the cosine of 99 to 1, as the default's does."""
_LEAST_STEP = 1e-4
_MOST_OF_STRANGERS = 0.8
"""Cosine at the lowest knot. Trained embedders have 0.1 to 0.3."""


@dataclass(frozen=True, slots=True)
class Knot:
    similarity: float
    far: float
    cosine: float
    measured: bool
    """Else extrapolated: there are too few people to see so rare a match often enough."""

    @property
    def people(self) -> int:
        """So many people it takes to measure it (rule of thirty)."""
        return rates.people_for(self.far, rates.RULE_OF_THIRTY)


def fit(found: Distributions) -> list[Knot]:
    """Ascending. Raises CommandError when the network does not tell strangers apart."""
    firm = rates.RULE_OF_THIRTY / max(found.pairs_of_people, 1)
    fitted = tail.fit(found.impostor, found.people)
    knots = [
        Knot(similarity, far, found.threshold_at(far), measured=True)
        if far >= firm or far >= fitted.share
        else Knot(similarity, far, fitted.cosine_at(far), measured=False)
        for similarity, far in FARS.items()
    ]
    cosines = [0.0, *(knot.cosine for knot in knots), 1.0]
    if cosines[1] > _MOST_OF_STRANGERS or any(
        high - low < _LEAST_STEP for low, high in itertools.pairwise(cosines)
    ):
        raise CommandError(
            "The cosines of two people at the false acceptance rates of the scale are "
            f"{', '.join(f'{each:.3f}' for each in cosines[1:-1])}, and do not rise from about 0 "
            "towards 1: this network does not tell these people apart."
        )
    return knots


def calibration(knots: list[Knot]) -> Knots:
    """As a pack has it."""
    return tuple(_rounded(knots))


def _rounded(knots: list[Knot]) -> Iterator[tuple[float, float]]:
    yield 0.0, 0.0
    for knot in knots:
        yield round(knot.cosine, 4), knot.similarity
    strict = knots[-1].cosine
    yield round(strict + _SHARE_BEYOND_99 * (1 - strict), 4), _NEARLY_SURE
    yield 1.0, 100.0
