"""The int8 codec of an embedder: its largest number, and the margin that its rounding needs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from semblance.embedding.codec import Codec, Embeddings

_HEADROOM = 1.05
"""Faces that were not measured may have a larger number, and a cut number costs much more than a
coarser scale."""
_SAFETY = 1.4
_LEAST_MARGIN = 0.005
_PROBES, _ROWS = 500, 3000


def fit(embeddings: Embeddings, model_id: str) -> tuple[Codec, float]:
    """The codec, and the most by which a code's cosine was below the exact one. `embeddings`:
    (faces, size), unit length."""
    largest = math.ceil(float(np.abs(embeddings).max()) * _HEADROOM * 100) / 100
    codec = Codec(model_id=model_id, size=embeddings.shape[1], largest=largest, margin=0.0)
    missed = below(codec, embeddings)
    return replace(codec, margin=margin_for(missed)), missed


def margin_for(missed: float) -> float:
    return max(_LEAST_MARGIN, math.ceil(missed * _SAFETY * 1000) / 1000)


def below(codec: Codec, embeddings: Embeddings) -> float:
    """The most by which a code's cosine falls short, with the probe's code, as in a scan. Pairs of
    one face with itself are left out."""
    rows = embeddings[:: max(1, -(-len(embeddings) // _ROWS))]
    codes = codec.quantize(rows).astype(np.float32)
    most = 0.0
    for place in range(0, len(rows), max(1, len(rows) // _PROBES)):
        probe, unit = codec.quantize_probe(rows[place])
        short = rows @ rows[place] - codes @ probe[0].astype(np.float32) * unit
        short[place] = 0
        most = max(most, float(short.max()))
    return most
