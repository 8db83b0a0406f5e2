"""Doubtful pairs, which often are wrong labels: one person under two names, two under one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from semblance_cli.accuracy import pairs
from semblance_cli.accuracy.pairs import Block, Faces

MOST = 24
"""Pairs of people, and people, that are listed."""


class Doubtful(NamedTuple):
    """The most doubtful pair of faces of two people, or of one."""

    cosine: float
    one: int
    other: int
    """Places of the faces."""
    pairs: int
    """Pairs of faces of these people that are doubtful."""


def too_alike(faces: Faces, cosine: float) -> list[Doubtful]:
    """Pairs of different people who reach the cosine, the most alike first; two people once."""
    kept: list[Doubtful] = []
    for block in pairs.impostor(faces):
        kept = sorted([*kept, *_alike(faces, block, cosine)], reverse=True)[:MOST]
    return kept


def too_different(faces: Faces, cosine: float) -> list[Doubtful]:
    """Pairs of one person below the cosine, the most different first; a person once."""
    kept: list[Doubtful] = []
    for _, blocks in itertools.groupby(
        pairs.genuine(faces), lambda block: faces.persons[block.first_row]
    ):
        found = [each for block in blocks for each in _different(block, cosine)]
        if found:
            number = sum(each.pairs for each in found)
            kept = sorted([*kept, min(found)._replace(pairs=number)])[:MOST]
    return kept


def _alike(faces: Faces, block: Block, cosine: float) -> Iterator[Doubtful]:
    rows, columns = np.nonzero(block.cosines >= cosine)
    cosines = block.cosines[rows, columns]
    people = faces.persons[block.first_row + rows] * faces.people
    people += faces.persons[block.first_column + columns]
    order = np.lexsort((-cosines, people))
    _, firsts, counts = np.unique(people[order], return_index=True, return_counts=True)
    for best, number in zip(order[firsts], counts, strict=True):
        yield _doubtful(block, cosines[best], rows[best], columns[best], number)


def _different(block: Block, cosine: float) -> Iterator[Doubtful]:
    cosines = np.where(block.cosines == pairs.NO_PAIR, 1, block.cosines)
    if number := int((cosines < cosine).sum()):
        row, column = np.unravel_index(cosines.argmin(), cosines.shape)
        yield _doubtful(block, cosines[row, column], row, column, number)


def _doubtful(
    block: Block, cosine: np.float32, row: np.intp, column: np.intp, number: int
) -> Doubtful:
    one, other = block.first_row + int(row), block.first_column + int(column)
    return Doubtful(float(cosine), one, other, int(number))
