"""The embedding of an aligned face, and its norm, which measures face quality."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semblance.vision.face.align import ALIGNED_PX, to_aligned
from semblance.vision.network import Floats, Network
from semblance.vision.packs.specs import EmbedderSpec, PackError
from semblance.vision.picture.geometry import Pixels, Points
from semblance.vision.picture.picture import Picture


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    crop: Pixels
    """(112, 112, 3): the aligned face."""
    norm: float
    """Norm of the network's raw output. Projection on the basis leaves it unchanged."""
    vector: Floats
    """The embedding, unit length."""


class Embedder:
    def __init__(self, spec: EmbedderSpec, network: Network) -> None:
        self._network = network
        self._size = spec.codec.size
        if network.output_shape[1:] != [self._size]:
            raise PackError(
                f"{spec.net.file.path} gives {network.output_shape}, not {self._size} numbers "
                "a face: it was prepared by an older recipe, run `make fetch`"
            )

    def embed(self, picture: Picture, five: Points) -> Embedded:
        crop = picture.warp(to_aligned(five), ALIGNED_PX)
        (batch,) = self._network.run(crop)
        assert batch.shape == (1, self._size), batch.shape
        raw = batch[0]
        norm = float(np.linalg.norm(raw))
        return Embedded(crop, norm, raw / np.float32(max(norm, 1e-12)))
