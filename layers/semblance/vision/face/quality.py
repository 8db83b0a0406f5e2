"""Brightness and sharpness of an aligned face, each 0 to 100."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from semblance.model.detected import Quality
from semblance.vision.picture.geometry import LUMA, Pixels

FACE_ROWS = slice(16, 108)
FACE_COLUMNS = slice(16, 96)
SMOOTHING_SIGMA = 0.7
SMOOTHING_REACH = 3
GAUSSIAN = np.exp(
    -(np.arange(-SMOOTHING_REACH, SMOOTHING_REACH + 1) ** 2) / (2 * SMOOTHING_SIGMA**2)
)
GAUSSIAN = (GAUSSIAN / GAUSSIAN.sum()).tolist()
CONTRAST_FLOOR = 5.0
"""Added to the contrast, so that noise on a plain surface does not count as sharp."""

SHARPNESS_KNOTS = (
    (0.0, 0.0),
    (0.024, 8.0),
    (0.033, 20.0),
    (0.043, 32.0),
    (0.058, 50.0),
    (0.065, 65.0),
    (0.077, 75.0),
    (0.09, 87.0),
    (0.12, 96.0),
    (0.146, 98.5),
    (0.20, 100.0),
)
"""Detail to sharpness: the percentage of a genuine pair's cosine that remains when blur or
shrinking has reduced a face to this detail."""


def measure(crop: Pixels) -> Quality:
    """`crop`: the aligned face, (112, 112, 3). Detail is the Laplacian's spread per contrast."""
    assert crop.shape == (112, 112, 3), crop.shape
    face: NDArray[np.float32] = np.matmul(crop[FACE_ROWS, FACE_COLUMNS], LUMA, dtype=np.float32)
    detail = _laplacian(_smooth(face)).std() / (face.std() + CONTRAST_FLOOR)
    details, percents = zip(*SHARPNESS_KNOTS, strict=True)
    sharpness = np.interp(detail, details, percents)
    return Quality(brightness=float(face.mean() / 2.55), sharpness=float(sharpness))


def _smooth(gray: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gaussian blur, so that noise of single pixels does not count as detail."""
    padded = _mirrored(gray, SMOOTHING_REACH)
    height, width = gray.shape
    rows = np.zeros((height, padded.shape[1]), np.float32)
    for i, each in enumerate(GAUSSIAN):
        rows += each * padded[i : i + height]
    smoothed: NDArray[np.float32] = np.zeros_like(gray)
    for i, each in enumerate(GAUSSIAN):
        smoothed += each * rows[:, i : i + width]
    assert smoothed.shape == gray.shape, smoothed.shape
    return smoothed


def _laplacian(gray: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = _mirrored(gray, 1)
    beside = padded[1:-1, :-2] + padded[1:-1, 2:]
    above = padded[:-2, 1:-1] + padded[2:, 1:-1]
    return beside + above - 4 * gray


def _mirrored(gray: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """As np.pad with mode "reflect", which takes longer than the rest of this module."""
    rows, columns = (np.abs(np.arange(-reach, side + reach)) for side in gray.shape)
    for places, side in ((rows, gray.shape[0]), (columns, gray.shape[1])):
        places[-reach:] = np.arange(side - 2, side - 2 - reach, -1)
    return gray[rows][:, columns]
