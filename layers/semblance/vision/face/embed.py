"""The embedding of a face that a finder has accepted."""

from __future__ import annotations

import io
import math

import numpy as np

from semblance.model.detected import Judged
from semblance.vision.network import Floats, Network
from semblance.vision.packs.specs import EmbedderSpec, NetSpec, PackError


class Embedder:
    def __init__(self, spec: EmbedderSpec, judge: NetSpec) -> None:
        """Opens the networks of all branches but the judge's, whose output every face brings."""
        self._spec = spec
        self._networks = [
            None if branch.net == judge else Network(branch.net, threads=1)
            for branch in spec.branches
        ]
        self._roots = [math.sqrt(branch.weight) for branch in spec.branches]
        self._basis = np.load(io.BytesIO(spec.basis.read())) if spec.basis else None

    def embed(self, judged: Judged) -> Floats:
        """(size,), unit length. Raises PackError when the branches, the basis and the codec do not
        fit together."""
        units = [
            judged.unit if network is None else _unit(network.run(judged.crop)[0][0])
            for network in self._networks
        ]
        weighted = [root * unit for root, unit in zip(self._roots, units, strict=True)]
        return _unit(self._on_basis(np.concatenate(weighted, dtype=np.float32)))

    def _on_basis(self, numbers: Floats) -> Floats:
        codec = self._spec.codec
        taken, made = (len(numbers), len(numbers)) if self._basis is None else self._basis.shape
        if (taken, made) != (len(numbers), codec.size):
            raise PackError(
                f"{codec.model_id} should make {codec.size} numbers a face: its networks give "
                f"{len(numbers)}, and its basis makes {made} of {taken}"
            )
        return numbers if self._basis is None else numbers @ self._basis


def _unit(numbers: Floats) -> Floats:
    unit: Floats = numbers / np.float32(max(float(np.linalg.norm(numbers)), 1e-12))
    return unit
