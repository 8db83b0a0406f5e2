"""Finds out how the owner's network wants its pixels: with the wrong order of channels or the wrong
scale, an embedder tells people apart less well, and the photos show by how much.

The measure is d', the distance of the mean genuine from the mean impostor cosine in standard
deviations. Two inputs are told apart when the difference of their d' is more than twice its
standard error, which a jackknife over groups of people gives: the inputs see the same faces, so
the difference is known much better than either value.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semblance.embedding.codec import Embeddings
from semblance_cli.pack.candidate import Input
from semblance_cli.pack.photos import Face

CHANNELS = ("RGB", "BGR")
SCALINGS = (
    (127.5, 127.5),  # InsightFace's and AdaFace's
    (127.5, 128.0),
    (0.0, 1.0),  # the network scales its input itself
    (0.0, 255.0),
    (127.5, 1.0),
    (116.0, 57.6),  # near ImageNet's, whose numbers differ by channel
)
"""(mean, scale), the usual ones first."""
_GROUPS = 10
_SURE = 2.0
"""Standard errors."""

_FIRST_PEOPLE, _PEOPLE, _FINALISTS = 40, 200, 4
"""The first look is at few people, with every input; the second at more, with the best."""


@dataclass(frozen=True, slots=True)
class Trial:
    input: Input
    separation: float
    """d'."""
    behind: float
    """How much lower than the best's."""
    error: float
    """Standard error of `behind`."""

    @property
    def as_good(self) -> bool:
        """Whether these photos cannot tell it from the best."""
        return self.behind <= _SURE * self.error


@dataclass(frozen=True, slots=True)
class Choice:
    input: Input
    trials: tuple[Trial, ...]
    """Those of the second look, the best first; empty when nothing was left to choose."""


def candidates(channels: str | None, mean: float | None, scale: float | None) -> list[Input]:
    """All that agree with the parts that the owner gives."""
    orders = [channels] if channels else list(CHANNELS)
    usual = dict.fromkeys(
        (own if mean is None else mean, by if scale is None else scale) for own, by in SCALINGS
    )
    return [Input(order, *scaling) for scaling in usual for order in orders]


def choose(
    inputs: Sequence[Input],
    faces: Sequence[Face],
    outputs: Callable[[Input, Sequence[Face]], Embeddings],
) -> Choice:
    """`inputs`: the usual ones first, of which the first wins among equals. `faces` are sorted by
    person. `outputs`: (faces, numbers) of the network with an input, unit length."""
    if len(inputs) == 1:
        return Choice(inputs[0], ())
    few = pairs_of(faces, _FIRST_PEOPLE)
    first = _trials({each: outputs(each, few) for each in inputs}, _numbers(few))
    finalists = {trial.input for trial in first[:_FINALISTS]}
    more = pairs_of(faces, _PEOPLE)
    kept = [each for each in inputs if each in finalists]
    trials = _trials({each: outputs(each, more) for each in kept}, _numbers(more))
    equals = {trial.input for trial in trials if trial.as_good}
    return Choice(next(each for each in inputs if each in equals), tuple(trials))


def runs(inputs: Sequence[Input], faces: Sequence[Face]) -> int:
    """Faces that `choose` puts through the network."""
    if len(inputs) == 1:
        return 0
    few, more = pairs_of(faces, _FIRST_PEOPLE), pairs_of(faces, _PEOPLE)
    return len(inputs) * len(few) + min(len(inputs), _FINALISTS) * len(more)


def pairs_of(faces: Sequence[Face], people: int) -> list[Face]:
    """Two faces each of so many people, evenly spread over those who have two."""
    twos = []
    for _, own in itertools.groupby(faces, lambda face: face.photo.person):
        first_two = list(itertools.islice(own, 2))
        if len(first_two) == 2:
            twos.append(first_two)
    step = max(1, -(-len(twos) // people))
    return list(itertools.chain.from_iterable(twos[::step]))


def separation(cosines: Embeddings, persons: NDArray[np.intp]) -> float:
    """d' of all pairs; `cosines`: (n, n)."""
    upper = np.triu(np.ones(cosines.shape, np.bool_), 1)
    same = persons[:, None] == persons[None, :]
    genuine, impostor = cosines[upper & same], cosines[upper & ~same]
    spread = math.sqrt((float(genuine.var()) + float(impostor.var())) / 2)
    return float(genuine.mean() - impostor.mean()) / max(spread, 1e-9)


def _trials(outputs: Mapping[Input, Embeddings], persons: NDArray[np.intp]) -> list[Trial]:
    cosines = {each: units @ units.T for each, units in outputs.items()}
    values = {each: separation(of, persons) for each, of in cosines.items()}
    best = max(values, key=lambda each: values[each])
    without = {each: _without_groups(of, persons) for each, of in cosines.items()}
    trials = [
        Trial(each, value, values[best] - value, _jackknife(without[best] - without[each]))
        for each, value in values.items()
    ]
    return sorted(trials, key=lambda trial: trial.behind)


def _without_groups(cosines: Embeddings, persons: NDArray[np.intp]) -> NDArray[np.float64]:
    """d' without each group of people in turn."""
    groups = min(_GROUPS, len(np.unique(persons)))
    found = []
    for group in range(groups):
        kept = persons % groups != group
        found.append(separation(cosines[np.ix_(kept, kept)], persons[kept]))
    return np.array(found)


def _jackknife(differences: NDArray[np.float64]) -> float:
    """Standard error of a difference from its values without each group."""
    count = len(differences)
    return float(np.sqrt((count - 1) / count * ((differences - differences.mean()) ** 2).sum()))


def _numbers(faces: Sequence[Face]) -> NDArray[np.intp]:
    _, persons = np.unique([face.photo.person for face in faces], return_inverse=True)
    return persons.astype(np.intp)
