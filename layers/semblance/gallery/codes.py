"""Embeddings as int8 codes, one fixed scale for all: 160 bytes a face.

The cosine of a code and a float probe is off by 0.0014 (standard deviation) and 0.007 at most on
real embeddings, so what a scan finds within MARGIN of a threshold has to be scored exactly.
"""

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 160
MARGIN = 0.01
_SCALE = np.float32(127 / 0.45)
"""No number of a unit embedding's 160 is above 0.45 in practice; one that is gets cut."""

Embeddings = NDArray[np.float32]
Codes = NDArray[np.int8]


def encode(embedding: bytes) -> bytes:
    """The code of one stored embedding."""
    return quantize(unpack(embedding)).tobytes()


def quantize(embeddings: Embeddings) -> Codes:
    scaled: Embeddings = np.rint(np.clip(embeddings * _SCALE, -127, 127))
    return scaled.astype(np.int8)


def cosines(codes: Codes, probe: Embeddings) -> NDArray[np.float32]:
    """(n, 160) codes against a (160,) probe of unit length: (n,) approximate cosines."""
    products: NDArray[np.float32] = codes.astype(np.float32) @ (probe / _SCALE)
    return products


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
