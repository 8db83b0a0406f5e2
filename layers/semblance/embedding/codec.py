"""Embeddings as int8 codes, one fixed scale for all: 160 bytes a face.

The cosine of a code and a probe's code is off by 0.0014 (standard deviation) and 0.007 at most on
real embeddings, so what a scan finds within MARGIN of a threshold has to be scored exactly.
"""

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 160
MARGIN = 0.01
_LARGEST = 127
_SCALE = np.float32(_LARGEST / 0.45)
"""No number of a unit embedding's 160 is above 0.45 in practice; one that is gets cut."""

Embeddings = NDArray[np.float32]
Codes = NDArray[np.int8]


def encode(embedding: bytes) -> bytes:
    """The code of one stored embedding."""
    return quantize(unpack(embedding)).tobytes()


def quantize(embeddings: Embeddings) -> Codes:
    return _rounded(np.clip(embeddings * _SCALE, -_LARGEST, _LARGEST))


def quantize_probe(probe: Embeddings) -> tuple[Codes, np.float32]:
    """(1, 160), as finely as its own largest number allows, and the cosine that a dot product of
    one with a row's code stands for."""
    scale = np.float32(_LARGEST) / np.abs(probe).max(initial=np.float32(1e-6))
    return _rounded(probe * scale).reshape(1, DIMENSIONS), np.float32(1 / (scale * _SCALE))


def _rounded(numbers: Embeddings) -> Codes:
    rounded: Codes = np.rint(numbers).astype(np.int8)
    return rounded


def pack(embedding: Embeddings) -> bytes:
    """As stored: little-endian float16."""
    return embedding.astype("<f2").tobytes()


def mean(embeddings: bytes) -> bytes:
    """What stored embeddings have in common: their normalised mean, stored like them."""
    middle = unpack(embeddings).mean(axis=0)
    return pack(middle / np.linalg.norm(middle))


def unpack(embeddings: bytes) -> Embeddings:
    """Stored embeddings, one after the other, as (n, 160) of unit length again."""
    rows = np.frombuffer(embeddings, "<f2").reshape(-1, DIMENSIONS).astype(np.float32)
    unit: Embeddings = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
