"""A face as the engine found it in a picture; nothing of it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # this module loads with the standard library alone
    import numpy as np


@dataclass(frozen=True, slots=True)
class Box:
    """Fractions of the upright picture. Not clipped: a face at the edge may leave it."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees: yaw positive towards image right, roll clockwise, pitch up."""

    roll: float
    yaw: float
    pitch: float


@dataclass(frozen=True, slots=True)
class Quality:
    """Both 0 to 100."""

    brightness: float
    sharpness: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """An attribute of a face that holds or does not, with its confidence (50 to 100)."""

    value: bool
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """An aligned face and the output of the pack's judge for it. Its embedding is made of these."""

    crop: np.ndarray
    """uint8, (112, 112, 3), RGB."""
    unit: np.ndarray
    """float32, the judge's output at unit length."""
    norm: float
    """Length of the raw output, the best measure of a face's quality (a good one has 3.9)."""


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFace:
    box: Box
    confidence: float
    """0 to 100."""
    landmarks: dict[str, tuple[float, float]]
    """Rekognition's names to (x, y), fractions of the upright picture: five, or all thirty."""
    pose: Pose
    quality: Quality
    judged: Judged
    shift: float
    """Distance of the landmarks between two looks, in eye distances: next to nothing on an upright
    face."""
    height_px: float
    yaw_proxy: float
    """Distance of the nose from the eyes' middle in eye distances, after alignment."""
    smile: Judgement | None = None
    mouth_open: Judgement | None = None
    eyes_open: Judgement | None = None
    """Each of the three is None unless it was asked for and this face allows a judgement."""
