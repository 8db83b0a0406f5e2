"""A face's place in the embedding space, and how much of a face it is."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from semblance.vision.align import ALIGNED_PX, to_aligned
from semblance.vision.geometry import Pixels, Points, warp
from semblance.vision.network import Floats, Network
from semblance.vision.pack import EmbedderSpec, read_checked

RAW_SIZE = 512


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    crop: Pixels
    """The aligned face, 112 x 112."""
    norm: float
    """Length of the network's raw output."""
    vector: Floats
    """Unit length, on the pack's basis."""


class Embedder:
    def __init__(self, spec: EmbedderSpec, network: Network) -> None:
        self._network = network
        self._basis: Floats = np.load(io.BytesIO(read_checked(spec.basis, spec.basis_sha256)))
        assert self._basis.shape[0] == RAW_SIZE, self._basis.shape

    def embed(self, picture: Image.Image, five: Points) -> Embedded:
        crop = warp(picture, to_aligned(five), ALIGNED_PX)
        (batch,) = self._network.run(crop)
        assert batch.shape == (1, RAW_SIZE), batch.shape
        raw = batch[0]
        projected = raw @ self._basis
        vector = projected / np.float32(max(float(np.linalg.norm(projected)), 1e-12))
        return Embedded(crop, float(np.linalg.norm(raw)), vector)
