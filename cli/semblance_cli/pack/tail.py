"""The tail of the impostor cosines beyond the reach of so many people: a generalised Pareto
distribution of the excesses over a high cosine, fitted by probability-weighted moments (Hosking and
Wallis, 1987), which unlike maximum likelihood always gives an answer and resists few odd pairs.

Few people know the shape of their tail badly, and a wrong one is far off where it matters. So the
fewer they are, the more the shape is drawn to the one that embedders have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semblance_cli.accuracy.distributions import Cosines

_SHARE = 1e-3
"""Of the pairs are the tail, if that many are enough and not too many."""
_FEWEST, _MOST = 1000, 5000
_LARGEST_SHARE = 0.05
_MOST_COSINE = 0.999

_USUAL_SHAPE, _WORTH_PEOPLE = 0.085, 300
"""On 1,458 people of LFW, SFace has shapes of 0.083 to 0.096 and the fused embedder of 0.076 to
0.083, from the top 1 % down to the top 0.1 % of pairs. Counts as much as a tail of so many
people."""


@dataclass(frozen=True, slots=True)
class Tail:
    start: float
    """Cosine from which on the tail is fitted."""
    share: float
    """Of the pairs, that reach it."""
    excesses: int
    scale: float
    shape: float
    """Hosking's k: positive when there is an end."""

    def cosine_at(self, far: float) -> float:
        """That this share of impostor pairs reaches; `far` is at most `share`."""
        ratio = far / self.share
        if abs(self.shape) < 1e-6:
            excess = -self.scale * float(np.log(ratio))
        else:
            excess = self.scale / self.shape * (1 - ratio**self.shape)
        return min(self.start + excess, _MOST_COSINE)


def fit(impostor: Cosines, people: int) -> Tail:
    wanted = min(max(impostor.total * _SHARE, _FEWEST), _MOST)
    start = impostor.reached_by(min(wanted / impostor.total, _LARGEST_SHARE))
    edges, counts = impostor.coarse(1e-5)
    above = (edges >= start - 1e-9) & (counts > 0)
    excesses = np.repeat(edges[above] + 0.5e-5 - start, counts[above])
    number = len(excesses)
    # Ascending, so the weight is the estimated share of larger excesses.
    larger = 1 - (np.arange(1, number + 1) - 0.35) / number
    mean, weighted = float(excesses.mean()), float((larger * excesses).mean())
    fitted = mean / (mean - 2 * weighted) - 2
    shape = (people * fitted + _WORTH_PEOPLE * _USUAL_SHAPE) / (people + _WORTH_PEOPLE)
    # The mean of the distribution is scale / (1 + shape).
    return Tail(start, number / impostor.total, number, mean * (1 + shape), shape)
