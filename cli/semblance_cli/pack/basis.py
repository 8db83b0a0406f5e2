"""The basis that an embedder's numbers are projected on: strongest direction first, as few
directions as lose nothing.

Directions are those of the faces' second moment. They are computed once and kept beside the
manifest: computed again they may differ in sign, and stored faces would no longer match. The loss
is measured on people who took no part in computing them, since few faces always fit into few
directions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semblance.embedding.codec import Embeddings

TOLERANCE = 1e-3
"""Of a cosine, at most. Storing an embedding in 16 bits costs up to 0.0004."""
STEP = 16
"""Sizes are multiples of this, which SIMD instructions take at once."""
_MOST_FACES = 1500
"""That the loss is measured on: a million pairs."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Changes of cosines when embeddings are cut to a size."""

    size: int
    deviation: float
    """Standard deviation."""
    most: float


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    directions: Embeddings
    """(numbers, size), orthonormal columns."""
    loss: Loss
    """Of this size, measured on people who took no part in a basis."""
    energy: float
    """Share of the faces' squares that the first half of the size holds."""


def make(units: Embeddings, persons: NDArray[np.intp], size: int | None) -> Basis:
    """`units`: (faces, numbers). `size`: a wanted one; None for the smallest that loses nothing."""
    numbers = units.shape[1]
    chosen = size or smallest(losses(units, persons, sizes(numbers)), numbers)
    (loss,) = losses(units, persons, [chosen])
    strongest = directions(units)
    squares = ((units @ strongest) ** 2).mean(axis=0)
    energy = float(squares[: chosen // 2].sum() / squares.sum())
    return Basis(strongest[:, :chosen], loss, energy)


def sizes(numbers: int) -> list[int]:
    """To choose from, all of them last."""
    return [*range(STEP, numbers, STEP), numbers]


def smallest(found: Iterable[Loss], numbers: int) -> int:
    """The smallest size from which on every size is within the tolerance."""
    best = numbers
    for loss in sorted(found, key=lambda loss: -loss.size):
        if loss.most > TOLERANCE:
            break
        best = loss.size
    return best


def losses(units: Embeddings, persons: NDArray[np.intp], wanted: Iterable[int]) -> list[Loss]:
    """The basis is that of one half of the people, the loss that of the other half."""
    learning = persons % 2 == 0
    held = units[~learning]
    held = held[:: max(1, -(-len(held) // _MOST_FACES))]
    on_basis = held @ directions(units[learning])
    upper = np.triu_indices(len(held), 1)
    exact = (held @ held.T)[upper]
    return [_loss(on_basis[:, :size], exact, upper) for size in wanted]


def directions(units: Embeddings) -> Embeddings:
    """(numbers, numbers), the strongest first; the largest number of each is positive."""
    wide = units.astype(np.float64)
    _, found = np.linalg.eigh(wide.T @ wide / len(wide))
    columns = found[:, ::-1]
    peaks = columns[np.abs(columns).argmax(axis=0), np.arange(columns.shape[1])]
    ordered: Embeddings = (columns * np.sign(peaks)).astype(np.float32)
    return ordered


def projected(units: Embeddings, basis: Embeddings) -> Embeddings:
    """(faces, size), unit length, as the product makes them."""
    cut = units @ basis
    normalised: Embeddings = cut / np.maximum(np.linalg.norm(cut, axis=1, keepdims=True), 1e-12)
    return normalised


def _loss(
    cut: Embeddings, exact: Embeddings, upper: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> Loss:
    unit = cut / np.maximum(np.linalg.norm(cut, axis=1, keepdims=True), 1e-12)
    change = (unit @ unit.T)[upper] - exact
    return Loss(cut.shape[1], float(change.std()), float(np.abs(change).max(initial=0)))
