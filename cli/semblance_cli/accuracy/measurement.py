"""A measurement: rates at the usual thresholds, at wanted rates, for a gallery and by group."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from semblance.embedding.similarity import SimilarityScale
from semblance_cli.accuracy import distributions, doubtful, pairs, rates
from semblance_cli.accuracy.distributions import Distributions
from semblance_cli.accuracy.doubtful import Doubtful
from semblance_cli.accuracy.enrolment import Enrolled
from semblance_cli.accuracy.pairs import Faces
from semblance_cli.accuracy.rates import Rate

SIMILARITIES = (80.0, 90.0, 95.0, 99.0)
_TENTHS = (99.1, 99.2, 99.3, 99.4, 99.5, 99.6, 99.7, 99.8, 99.9)
FALSE_MATCHES_A_SEARCH = (1.0, 0.1, 0.01)
_DOUBTFUL_SIMILARITY = 95.0
_STRANGERS = 0.01
"""Two faces of one person that are less alike than this share of all strangers are doubtful."""


@dataclass(frozen=True, slots=True)
class Point:
    """The rates at one threshold."""

    similarity: float
    cosine: float
    far: Rate
    tar: Rate


@dataclass(frozen=True, slots=True)
class Wanted:
    """The threshold for a wanted FAR."""

    far: float
    people: int
    """So many people it takes to show this rate."""
    point: Point | None
    """None when there are fewer people: then nothing is said."""


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    faces: int
    people: int
    people_with_pairs: int
    points: tuple[Point, ...]
    """At `SIMILARITIES`. Both people of an impostor pair are in the group."""

    @property
    def lowest_far(self) -> float:
        return rates.supported(self.people * (self.people - 1) // 2)


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    faces: int
    distributions: Distributions
    points: tuple[Point, ...]
    """At `SIMILARITIES`."""
    curve: tuple[tuple[float, float, float], ...]
    """(similarity, FAR, TAR) for every whole similarity, and for tenths from 99 on."""
    wanted: tuple[Wanted, ...]
    gallery: int | None
    """People in a gallery to compute false matches for."""
    for_gallery: tuple[Wanted, ...]
    """For `FALSE_MATCHES_A_SEARCH`, in its order; empty without a gallery."""
    groups: tuple[Group, ...]
    too_alike: tuple[Doubtful, ...]
    too_different: tuple[Doubtful, ...]
    """Of both, the places are those of the enrolled faces."""

    @property
    def lowest_far(self) -> float:
        """The lowest rate that so many people can show (rule of three)."""
        return rates.supported(self.distributions.pairs_of_people)

    @property
    def lowest_firm_far(self) -> float:
        """The lowest rate that they show to within 30 % (rule of thirty)."""
        return min(1.0, self.lowest_far * rates.RULE_OF_THIRTY / rates.RULE_OF_THREE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The part of a measurement that somebody asks for."""

    fars: Sequence[float] = ()
    gallery: int | None = None
    group_of: Mapping[str, str] | None = None
    """Person to group."""


def measure(
    enrolled: Sequence[Enrolled], scale: SimilarityScale, question: Question | None = None
) -> Measurement:
    """`enrolled` are of two people at least, and sorted by person."""
    question = question or Question()
    faces = pairs.faces_of(enrolled)
    found = distributions.measure(faces)
    asked = [*question.fars, *_of_gallery(question.gallery)]
    supported = [far for far in asked if far >= rates.supported(found.pairs_of_people)]
    usual = [scale.least_cosine(each) for each in SIMILARITIES]
    at = {
        point.cosine: point
        for point in _points(faces, scale, [*usual, *map(found.threshold_at, supported)])
    }
    wanted = [
        Wanted(
            far,
            rates.people_for(far),
            at[found.threshold_at(far)] if far in supported else None,
        )
        for far in asked
    ]
    return Measurement(
        faces=len(enrolled),
        distributions=found,
        points=tuple(at[cosine] for cosine in usual),
        curve=tuple(_curve(found, scale)),
        wanted=tuple(wanted[: len(question.fars)]),
        gallery=question.gallery,
        for_gallery=tuple(wanted[len(question.fars) :]),
        groups=tuple(_groups(faces, enrolled, scale, question.group_of or {})),
        too_alike=tuple(doubtful.too_alike(faces, scale.least_cosine(_DOUBTFUL_SIMILARITY))),
        too_different=tuple(
            doubtful.too_different(faces, min(found.threshold_at(_STRANGERS), usual[0]))
        ),
    )


def similarity_of(scale: SimilarityScale, cosine: float) -> float:
    """Rounded up to two decimals, or to as many as it takes to stay below 100."""
    exact = float(scale.similarities(np.array([cosine], np.float32))[0])
    for decimals in (2, 3, 4):
        rounded = math.ceil(round(exact * 10**decimals, 3)) / 10**decimals
        if rounded < 100:
            return rounded
    return exact


def _of_gallery(people: int | None) -> list[float]:
    return [number / people for number in FALSE_MATCHES_A_SEARCH] if people else []


def _points(faces: Faces, scale: SimilarityScale, cosines: Sequence[float]) -> Iterable[Point]:
    cosines = sorted(set(cosines))
    found = zip(
        cosines,
        rates.false_acceptance(faces, cosines),
        rates.true_acceptance(faces, cosines),
        strict=True,
    )
    for cosine, far, tar in found:
        yield Point(similarity_of(scale, cosine), cosine, far, tar)


def _curve(found: Distributions, scale: SimilarityScale) -> Iterable[tuple[float, float, float]]:
    for similarity in (*range(1, 100), *_TENTHS):
        cosine = scale.least_cosine(similarity)
        yield float(similarity), found.far_at(cosine), found.tar_at(cosine)


def _groups(
    faces: Faces,
    enrolled: Sequence[Enrolled],
    scale: SimilarityScale,
    group_of: Mapping[str, str],
) -> Iterable[Group]:
    names = sorted({each.photo.person for each in enrolled})
    of_person = np.array([group_of.get(name, "") for name in names])
    cosines = [scale.least_cosine(each) for each in SIMILARITIES]
    for group in sorted(set(group_of.values())):
        own = faces.only(of_person == group)
        yield Group(
            group,
            len(own.persons),
            own.people,
            own.people_with_pairs,
            tuple(_points(own, scale, cosines)),
        )
