"""Whether eyes are closed, by a network that sees one eye at a time."""

from __future__ import annotations

import numpy as np

from semblance.vision.face.landmarks import LUMA
from semblance.vision.network import Network
from semblance.vision.picture.geometry import Affine, Points, similarity
from semblance.vision.picture.picture import Picture

CROP_PX = 24
CROP_PER_EYE = 1.4
"""The crop's side, in distances of an eye's corners."""
CORNERS_ON_CROP = CROP_PX * np.array(
    [[0.5 - 0.5 / CROP_PER_EYE, 0.5], [0.5 + 0.5 / CROP_PER_EYE, 0.5]]
)

CORNERS = ((36, 39), (42, 45))
LIDS = ((37, 38, 40, 41), (43, 44, 46, 47))
"""The landmarks of each eye."""


class EyeReader:
    def __init__(self, network: Network) -> None:
        self._network = network

    def closed(self, picture: Picture, landmarks: Points) -> float:
        """How likely the eyes are closed, the mean of both."""
        crops = [
            crop_around(landmarks[list(corners)], landmarks[list(lids)])
            for corners, lids in zip(CORNERS, LIDS, strict=True)
        ]
        return sum(self._one_closed(picture, crop) for crop in crops) / len(crops)

    def _one_closed(self, picture: Picture, to_crop: Affine) -> float:
        (logits,) = self._network.run(picture.warp(to_crop, CROP_PX) @ LUMA)
        assert logits.shape == (1, 2), logits.shape
        closed, opened = np.exp(logits[0] - logits[0].max())
        return float(closed / (closed + opened))


def crop_around(corners: Points, lids: Points) -> Affine:
    """Turned to the line through the corners, its centre between the lids."""
    moved = corners - corners.mean(axis=0) + lids.mean(axis=0)
    return similarity(moved, CORNERS_ON_CROP)
