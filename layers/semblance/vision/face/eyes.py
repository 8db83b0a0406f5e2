"""Probability that eyes are closed, from a network that takes one eye at a time."""

from __future__ import annotations

import numpy as np

from semblance.vision.network import Network
from semblance.vision.picture.geometry import LUMA, Affine, Points, similarity
from semblance.vision.picture.picture import Picture

CROP_PX = 24
CROP_PER_EYE = 1.4
"""Side of the crop, in distances between the corners of the eye."""
CORNERS_ON_CROP = CROP_PX * np.array(
    [[0.5 - 0.5 / CROP_PER_EYE, 0.5], [0.5 + 0.5 / CROP_PER_EYE, 0.5]]
)

CORNERS = ((36, 39), (42, 45))
LIDS = ((37, 38, 40, 41), (43, 44, 46, 47))
"""Landmark indices of each eye."""


class EyeReader:
    def __init__(self, network: Network) -> None:
        self._network = network

    def closed(self, picture: Picture, landmarks: Points) -> float:
        """Probability that the eyes are closed, the mean of both. `landmarks`: (68, 2)."""
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
    """The transform to an eye's crop: level with the eye's corners, centred between its lids."""
    moved = corners - corners.mean(axis=0) + lids.mean(axis=0)
    return similarity(moved, CORNERS_ON_CROP)
