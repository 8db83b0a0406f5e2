"""The values of a model pack: its weight files, networks, thresholds and scales."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from semblance.embedding.codec import Codec

Knots = tuple[tuple[float, float], ...]
"""(x, y) of a piecewise linear curve, x ascending."""


class PackError(Exception):
    """The pack or its files do not match the manifest. A fault of the deployment."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of weights, as it is deployed. Its checksum is compared on every read."""

    path: Path
    sha256: str

    def read(self) -> bytes:
        """Raises PackError when the file is missing or not as the manifest pins it."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError as error:
            raise PackError(f"{self.path} is missing: run `make fetch`") from error
        found = hashlib.sha256(content).hexdigest()
        if found != self.sha256:
            raise PackError(
                f"{self.path} has SHA-256 {found}, not {self.sha256}: refused, run `make fetch`"
            )
        return content


@dataclass(frozen=True, slots=True)
class NetSpec:
    """A network and its input normalisation: (x - mean) / scale, channels in this order."""

    file: ModelFile
    mean: float
    scale: float
    channels: str = "RGB"


@dataclass(frozen=True, slots=True)
class AcceptRule:
    """A detection is a face when one rule holds in full."""

    score: float
    """The detector's, at least."""
    norm: float
    """The judge's, at least; 0 asks for none."""
    shift: float
    """The landmarks' between two passes, less than this many eye distances."""


@dataclass(frozen=True, slots=True)
class Rescue:
    """When a face is tried at quarter turns as well: the detection has at least this score, and
    either the landmarks drift or the norm is low and they do not settle at once."""

    score: float
    norm: float
    """Low is less than this. The turned face needs it."""
    settled: float
    """Landmarks settle at once when they shift by less, in eye distances."""
    drift: float
    """Landmarks drift when they shift by this much or more."""
    gain: float
    """Where landmarks do not drift, the turned face's norm must be higher by so much."""


@dataclass(frozen=True, slots=True)
class Turned:
    """How the whole picture is searched at quarter turns when no face is found in it."""

    quarters: tuple[int, ...]
    """The turns, in quarters of a circle."""
    long_sides: tuple[int, ...]
    norm: float
    """Minimum norm of a face found so."""


@dataclass(frozen=True, slots=True)
class QuickLook:
    """Detector passes that suffice to find the largest face, if it is at least `min_height_px` high
    on the first of them and has this score."""

    long_sides: tuple[int, ...]
    min_height_px: float
    score: float


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    kind: str
    net: NetSpec
    long_sides: tuple[int, ...]
    """Input sizes in pixels, one for each detector pass."""
    enlarge: float
    """A pass enlarges a small picture at most so many times."""
    quick_look: QuickLook
    min_score: float
    nms_iou: float
    """Threshold of non-maximum suppression, over the boxes of all passes."""
    box: Literal["detector", "landmarks"]
    """Whose box of a face is reported."""
    confidence: Knots
    """Score to Rekognition's confidence in percent."""
    accept: tuple[AcceptRule, ...]
    rescue: Rescue
    turned: Turned


@dataclass(frozen=True, slots=True)
class Branch:
    """One of the networks whose outputs make an embedding, and its share of a cosine."""

    net: NetSpec
    weight: float


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """An embedding is the branches' unit outputs, each times the root of its weight, side by side,
    times the basis."""

    branches: tuple[Branch, ...]
    basis: ModelFile | None
    """(numbers of all branches, codec's size) as .npy; None: the numbers are the embedding."""
    codec: Codec
    calibration: Knots
    memory_mib: int = 0
    """That its networks take beyond those of the built-in packs."""


@dataclass(frozen=True, slots=True)
class FaceRule:
    """A face is taken for one when one rule holds in full, whichever detector found it."""

    confidence: float
    """In percent, at least."""
    norm: float
    """The judge's, at least."""
    shift: float
    """The landmarks' between two passes, less than this many eye distances."""


@dataclass(frozen=True, slots=True)
class QualityLevel:
    """Minimum values of a face that QualityFilter keeps."""

    faces: tuple[FaceRule, ...]
    sharpness: float
    height_px: float
    confidence: float
    yaw_proxy: float | None = None
    """Maximum, either way."""
    brightness: tuple[float, float] | None = None
    """(minimum, maximum)"""


@dataclass(frozen=True, slots=True)
class ModelPack:
    name: str
    detector: DetectorSpec
    landmarks: NetSpec
    eyes: NetSpec
    judge: NetSpec
    """Its raw output's length, the norm, tells a usable face from anything else."""
    embedder: EmbedderSpec
    quality: Mapping[str, QualityLevel]
