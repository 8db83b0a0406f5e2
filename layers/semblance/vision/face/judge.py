"""The judge: a network whose raw output's length, the norm, tells a usable face from the rest."""

from __future__ import annotations

import numpy as np

from semblance.model.detected import Judged
from semblance.vision.face.align import ALIGNED_PX, to_aligned
from semblance.vision.network import Network
from semblance.vision.picture.geometry import Points
from semblance.vision.picture.picture import Picture


class Judge:
    def __init__(self, network: Network) -> None:
        self._network = network

    def judge(self, picture: Picture, five: Points) -> Judged:
        crop = picture.warp(to_aligned(five), ALIGNED_PX)
        (batch,) = self._network.run(crop)
        assert batch.shape[0] == 1, batch.shape
        assert batch.ndim == 2, batch.shape
        norm = float(np.linalg.norm(batch[0]))
        return Judged(crop, batch[0] / np.float32(max(norm, 1e-12)), norm)
