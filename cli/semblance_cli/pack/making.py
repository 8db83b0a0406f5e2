"""Makes the numbers of an embedder from the outputs of its network, and measures the result."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from semblance.embedding.codec import Codec, Embeddings, pack, unpack
from semblance.vision.packs.specs import Knots
from semblance_cli.accuracy import distributions, rates
from semblance_cli.accuracy.distributions import Distributions
from semblance_cli.accuracy.pairs import Faces
from semblance_cli.accuracy.rates import Rate
from semblance_cli.pack import basis as bases
from semblance_cli.pack import codes, curve
from semblance_cli.pack.basis import Basis
from semblance_cli.pack.candidate import Candidate, Input
from semblance_cli.pack.curve import Knot
from semblance_cli.pack.labels import numbered
from semblance_cli.pack.photos import Face

COMPARED_FARS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
SHOWN_SIZES = (96, 128, 160, 192, 256, 384)


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """The embedder but for its curve: all that decides about a stored embedding."""

    input: Input
    basis: Embeddings
    """(numbers, size)."""
    codec: Codec

    def embeddings(self, units: Embeddings) -> Embeddings:
        """As they are stored and read again: 16 bits a number."""
        return stored(bases.projected(units, self.basis))


@dataclass(frozen=True, slots=True)
class Compared:
    """True acceptance rates of the owner's embedder and of the base pack's, on the same faces."""

    far: float
    own: Rate
    base: Rate


@dataclass(frozen=True, slots=True)
class Sized:
    """What a size costs."""

    loss: bases.Loss
    tar: Rate
    """At `far`."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    knots: tuple[Knot, ...]
    calibration: Knots
    fars: tuple[Rate, ...]
    tars: tuple[Rate, ...]
    """Of each knot."""
    compared: tuple[Compared, ...]
    sizes: tuple[Sized, ...]
    sizes_far: float
    people: int
    people_with_pairs: int


def space(
    candidate: Candidate, given: Input, made: Basis, units: Embeddings
) -> tuple[Space, float]:
    """The space, and the most by which a code's cosine was below the exact one."""
    embeddings = stored(bases.projected(units, made.directions))
    codec, missed = codes.fit(embeddings, _model_id(candidate, given, made.directions))
    return Space(given, made.directions, codec), missed


def measure(own: Space, units: Embeddings, faces: Sequence[Face]) -> Measured:
    """Raises CommandError when the network does not tell these people apart."""
    persons = numbered(faces)
    embedded = Faces(own.embeddings(units), persons)
    beside = Faces(unpack([face.beside for face in faces]), persons)
    found, base = distributions.measure(embedded), distributions.measure(beside)
    knots = curve.fit(found)
    cosines = [knot.cosine for knot in knots]
    firm = [far for far in COMPARED_FARS if far >= rates.supported(found.pairs_of_people)]
    return Measured(
        knots=tuple(knots),
        calibration=curve.calibration(knots),
        fars=tuple(rates.false_acceptance(embedded, cosines)),
        tars=tuple(rates.true_acceptance(embedded, cosines)),
        compared=tuple(_compared(embedded, beside, found, base, far) for far in firm),
        sizes=tuple(_sized(units, persons, size, firm[-1]) for size in _sizes(own)),
        sizes_far=firm[-1],
        people=found.people,
        people_with_pairs=found.people_with_pairs,
    )


def stored(embeddings: Embeddings) -> Embeddings:
    return unpack([pack(each) for each in embeddings])


def file_of(basis: Embeddings) -> bytes:
    """As .npy, the same bytes for the same numbers."""
    content = io.BytesIO()
    np.save(content, np.ascontiguousarray(basis, np.float32))
    return content.getvalue()


def _model_id(candidate: Candidate, given: Input, basis: Embeddings) -> str:
    """Of all that decides about an embedding, so that two networks, or one network used in two
    ways, never share a collection."""
    parts = [candidate.file.sha256, str(given), hashlib.sha256(file_of(basis)).hexdigest()]
    digest = hashlib.sha256("/".join(parts).encode()).hexdigest()
    return f"own-{candidate.file.sha256[:12]}-{digest[:8]}-{basis.shape[1]}"


def _compared(
    own: Faces, base: Faces, of_own: Distributions, of_base: Distributions, far: float
) -> Compared:
    (tar,) = rates.true_acceptance(own, [of_own.threshold_at(far)])
    (beside,) = rates.true_acceptance(base, [of_base.threshold_at(far)])
    return Compared(far, tar, beside)


def _sizes(own: Space) -> list[int]:
    numbers = own.basis.shape[0]
    return sorted({*(size for size in SHOWN_SIZES if size < numbers), own.codec.size, numbers})


def _sized(units: Embeddings, persons: NDArray[np.intp], size: int, far: float) -> Sized:
    (loss,) = bases.losses(units, persons, [size])
    cut = bases.projected(units, bases.directions(units)[:, :size])
    faces = Faces(stored(cut), persons)
    (tar,) = rates.true_acceptance(faces, [distributions.measure(faces).threshold_at(far)])
    return Sized(loss, tar)


def recalibrated(kept: Space, units: Embeddings) -> tuple[Codec, float]:
    """The codec, with a wider margin if these faces need one, and the most by which a code's cosine
    was below the exact one. Its scale stays, since codes are stored."""
    embeddings = kept.embeddings(units)
    missed = codes.below(kept.codec, embeddings)
    return replace(kept.codec, margin=max(kept.codec.margin, codes.margin_for(missed))), missed
