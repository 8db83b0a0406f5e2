"""Enrolled faces with chosen cosines, for measurements with known answers."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from semblance.embedding.codec import pack
from semblance.embedding.similarity import SimilarityScale
from semblance.model.detected import Box
from semblance_cli.accuracy.enrolment import Enrolled
from semblance_cli.accuracy.people import Photo
from semblance_cli.accuracy.templates import Template

SCALE = SimilarityScale(
    [(0.0, 0.0), (0.4, 80.0), (0.5, 90.0), (0.6, 95.0), (0.7, 99.0), (1.0, 100.0)]
)


def enrolled(vectors: Mapping[str, Iterable[Sequence[float]]]) -> list[Enrolled]:
    """Person to a vector for each photo."""
    return [
        _face(person, number, np.asarray(vector, np.float64))
        for person, own in sorted(vectors.items())
        for number, vector in enumerate(own, 1)
    ]


def at_angles(degrees: Mapping[str, Iterable[float]]) -> list[Enrolled]:
    """In a plane: the cosine of two faces is that of the angle between them."""
    return enrolled(
        {
            person: [(np.cos(np.radians(each)), np.sin(np.radians(each))) for each in own]
            for person, own in degrees.items()
        }
    )


def crowd(
    people: int, photos: int, *, spread: float = 1.0, seed: int = 0, name: str = "person"
) -> list[Enrolled]:
    """Random people; `spread` is the distance of a person's photos from each other."""
    chance = np.random.default_rng(seed)
    middles = chance.standard_normal((people, 32))
    return enrolled(
        {
            f"{name}-{number:04}": middle + spread * chance.standard_normal((photos, 32))
            for number, middle in enumerate(middles)
        }
    )


def _face(person: str, number: int, vector: np.ndarray) -> Enrolled:
    file = f"{person}/{number}.jpg"
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    return Enrolled(Photo(file, Path(file), person), Template(pack(unit), Box(0, 0, 1, 1), {}))
