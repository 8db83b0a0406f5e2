"""All pairs of many faces, block by block: 20,000 faces make 200 million pairs, and no more than a
few million of them are in memory at once.

A pair is genuine when both faces are one person's, else it is an impostor pair.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from semblance.embedding.codec import unpack
from semblance_cli.accuracy.enrolment import Enrolled

BLOCK = 2048
"""Faces along a side of a block: 16 MiB of cosines."""
NO_PAIR = -2.0
"""In place of the cosine of a face with itself, of a genuine pair, and of a pair seen already."""

Floats = NDArray[np.float32]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """n faces, those of one person beside each other."""

    embeddings: Floats
    """(n, size), unit length."""
    persons: Places
    """(n,): numbers of the people, ascending from 0 without a gap."""

    @property
    def sizes(self) -> Places:
        """(people,): faces of each person."""
        return np.bincount(self.persons)

    @property
    def people(self) -> int:
        return len(self.sizes)

    @property
    def pairs_of_people(self) -> int:
        return self.people * (self.people - 1) // 2

    @property
    def people_with_pairs(self) -> int:
        """People with two faces or more."""
        return int((self.sizes > 1).sum())

    def only(self, wanted: NDArray[np.bool_]) -> Faces:
        """The faces of some people; `wanted`: (people,)."""
        kept = wanted[self.persons]
        _, persons = np.unique(self.persons[kept], return_inverse=True)
        return Faces(self.embeddings[kept], persons.astype(np.intp))


class Block(NamedTuple):
    cosines: Floats
    """(rows, columns). NO_PAIR where there is none."""
    first_row: int
    first_column: int


def faces_of(enrolled: Sequence[Enrolled]) -> Faces:
    """Of the stored embeddings, which the product compares. `enrolled` are sorted by person."""
    names = [each.photo.person for each in enrolled]
    _, persons = np.unique(names, return_inverse=True)
    return Faces(unpack([each.template.embedding for each in enrolled]), persons.astype(np.intp))


def genuine(faces: Faces) -> Iterator[Block]:
    """A block for each person with several faces; each pair once."""
    for start, end in _stretches(faces):
        if end - start < 2:
            continue
        for low in range(start, end, BLOCK):
            high = min(low + BLOCK, end)
            own = faces.embeddings[low:high] @ faces.embeddings[low:end].T
            own[np.tril_indices(high - low, m=end - low)] = NO_PAIR
            yield Block(own, low, low)


def impostor(faces: Faces, block: int = BLOCK) -> Iterator[Block]:
    """Each pair once. All pairs of the same two people are in one block, unless one of them has
    more than a block's faces."""
    cuts = list(_cuts(faces, block))
    for place, (top, bottom) in enumerate(cuts):
        for left, right in cuts[place:]:
            cosines = faces.embeddings[top:bottom] @ faces.embeddings[left:right].T
            if left == top:
                own = faces.persons[top:bottom]
                cosines[own[:, None] >= own[None, :]] = NO_PAIR
            yield Block(cosines, top, left)


def _stretches(faces: Faces) -> Iterator[tuple[int, int]]:
    """(start, end) of each person's faces."""
    edges = [0, *np.cumsum(faces.sizes).tolist()]
    return itertools.pairwise(edges)


def _cuts(faces: Faces, block: int) -> Iterator[tuple[int, int]]:
    """Stretches of whole people, with `block` faces at most; one person may have more."""
    start = end = 0
    for person_start, person_end in _stretches(faces):
        if person_end - start > block and person_start > start:
            yield start, end
            start = person_start
        end = person_end
    yield start, end
