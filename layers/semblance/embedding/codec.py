"""Embeddings as they are stored (float16) and as they are scanned (int8 codes).

Stored embeddings need no settings: little-endian float16, of any size. Codes do: a `Codec` holds
the size of a model's embeddings, the scale that maps their numbers to int8, and the margin of
error that this rounding costs. Codes leave the process with the mark of their codec: codes of two
models, or of two scales, must never lie in one scan.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

MARK_BYTES = 4
"""Enough to tell a deployment's few models apart, and little in each change that a search reads."""

_LARGEST_CODE = 127

Embeddings = NDArray[np.float32]
Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """How embeddings of one model become int8 codes. Each model pack brings its own."""

    model_id: str
    """Names the embedding space: only embeddings of one model can be compared."""
    size: int
    """Numbers in an embedding, and bytes in a code."""
    largest: float
    """The number that code 127 stands for. A larger one is cut to it."""
    margin: float
    """How far a code's cosine may be from the exact one. A scan takes candidates from this much
    below the threshold, and their stored embeddings decide."""

    @property
    def mark(self) -> bytes:
        """Names the codec beside its codes, in MARK_BYTES bytes. Codecs of another model, size or
        scale have another mark."""
        return _mark(self.model_id, self.size, self.largest)

    def made(self, mark: bytes) -> bool:
        """Whether codes with this mark are this codec's. Codes without one are UNMARKED's."""
        return (mark or UNMARKED.mark) == self.mark

    def encode(self, embedding: bytes) -> bytes:
        """The code of one stored embedding."""
        return self.quantize(unpack([embedding])).tobytes()

    def quantize(self, embeddings: Embeddings) -> Codes:
        """(n, size) to the same shape."""
        scaled = embeddings * self._scale
        return _rounded(np.clip(scaled, -_LARGEST_CODE, _LARGEST_CODE))

    def quantize_probe(self, probe: Embeddings) -> tuple[Codes, np.float32]:
        """A probe of shape (size,) as codes of shape (1, size), and the cosine that one unit of
        their dot product with a row stands for.

        The probe's largest number sets its scale, so that rounding costs it less than a row.
        """
        scale = np.float32(_LARGEST_CODE) / np.abs(probe).max(initial=np.float32(1e-6))
        return _rounded(probe * scale).reshape(1, -1), np.float32(1 / (scale * self._scale))

    @property
    def _scale(self) -> np.float32:
        return np.float32(_LARGEST_CODE / self.largest)


UNMARKED = Codec(model_id="faceplugin-mobilefacenet-0.0.1-160", size=160, largest=0.45, margin=0.01)
"""The codec of all codes that have no mark: version 0.1.0 knew no other model."""


def pack(embedding: Embeddings) -> bytes:
    """A float32 embedding as it is stored."""
    return embedding.astype("<f2").tobytes()


def unpack(embeddings: Sequence[bytes]) -> Embeddings:
    """n stored embeddings of one size as float32 (n, size), normalised again after rounding."""
    numbers = np.frombuffer(b"".join(embeddings), "<f2").astype(np.float32)
    rows = numbers.reshape(len(embeddings), -1)
    unit: Embeddings = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def mean(embeddings: Sequence[bytes]) -> bytes:
    """The normalised mean of stored embeddings, stored like them."""
    middle = unpack(embeddings).mean(axis=0)
    return pack(middle / np.linalg.norm(middle))


@cache
def _mark(model_id: str, size: int, largest: float) -> bytes:
    meaning = f"{model_id}/{size}/{largest}".encode()
    return hashlib.blake2s(meaning, digest_size=MARK_BYTES).digest()


def _rounded(numbers: Embeddings) -> Codes:
    rounded: Codes = np.rint(numbers).astype(np.int8)
    return rounded
