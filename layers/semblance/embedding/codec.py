"""Embeddings as they are stored (float16) and as they are scanned (int8 codes).

Stored embeddings need no settings: little-endian float16, of any size. Codes do: a `Codec` holds
the size of a model's embeddings, the scale that maps their numbers to int8, and the margin of
error that this rounding costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


def _rounded(numbers: Embeddings) -> Codes:
    rounded: Codes = np.rint(numbers).astype(np.int8)
    return rounded
