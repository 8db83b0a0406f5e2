"""The values that the service speaks of, in the biometrics field's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # this module loads with the standard library alone
    import numpy as np

FACE_MODEL_VERSION = "7.0"
"""What the wire reports. Clients compare it with "3" and "4"; the model that made a collection's
embeddings is `Collection.model_id`."""

RETENTION_TAG = "semblance:retention-days"
"""Of a collection: how many days a face is kept."""
MOST_RETENTION_DAYS = 36_500
SECONDS_A_DAY = 86_400


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
    """Whether something holds of a face, and how surely (50 to 100)."""

    value: bool
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFace:
    """A face as it was found in a picture, nothing of it stored."""

    box: Box
    confidence: float
    """0 to 100."""
    landmarks: dict[str, tuple[float, float]]
    """Rekognition's names to (x, y), fractions of the upright picture: five, or all thirty."""
    pose: Pose
    quality: Quality
    embedding: np.ndarray
    """float32, (160,), unit length."""
    norm: float
    """Length of the raw embedding: how much of a usable face it is (a good one has 3.9)."""
    height_px: float
    yaw_proxy: float
    """Distance of the nose from the eyes' middle in eye distances, after alignment."""
    smile: Judgement | None = None
    mouth_open: Judgement | None = None
    eyes_open: Judgement | None = None
    """Each only when asked for, and when it can be told of this face."""


@dataclass(frozen=True, slots=True)
class Collection:
    """What the name points to. All data hangs on `uid`, so a deleted name is free at once."""

    id: str
    uid: str
    created_at: float
    """Epoch seconds."""
    model_id: str
    face_count: int = 0
    user_count: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def retention_days(self) -> int:
        """0: faces are kept for ever."""
        return int(self.tags.get(RETENTION_TAG, 0))

    def kept_since(self, now: float) -> float:
        """Epoch seconds: faces that were indexed earlier are not to be matched any more."""
        return now - self.retention_days * SECONDS_A_DAY if self.retention_days else 0.0


@dataclass(frozen=True, slots=True)
class Face:
    """A face in a collection."""

    id: str
    image_id: str
    box: Box
    confidence: float
    embedding: bytes
    """160 little-endian float16 numbers of unit length."""
    indexed_at: float
    """Epoch seconds."""
    external_image_id: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A face of the gallery that resembles the probe. `similarity` is 0 to 100."""

    face: Face
    similarity: float


@dataclass(frozen=True, slots=True)
class User:
    """Several faces of one person, and what they have in common."""

    id: str
    version: int
    """Grows with every change, and goes on growing over a deletion."""
    face_ids: tuple[str, ...] = ()
    embedding: bytes = b""
    """The normalised mean of the faces' embeddings, stored like theirs; empty without faces."""
    deleted: bool = False

    @property
    def status(self) -> str:
        return "ACTIVE" if self.face_ids else "CREATED"


@dataclass(frozen=True, slots=True)
class UserMatch:
    user: User
    similarity: float


@dataclass(frozen=True, slots=True)
class Change:
    """What one write did to a collection's faces or to one of its users; face ids are 16 raw
    bytes each."""

    stamp: str
    """When, and which: unique in the collection."""
    added: bytes
    codes: bytes
    """160 int8 numbers for each added face."""
    removed: bytes
    user: UserChange | None = None

    @property
    def at_ms(self) -> int:
        return int(self.stamp.partition("#")[0])

    @property
    def added_ids(self) -> list[bytes]:
        return _ids(self.added)

    @property
    def removed_ids(self) -> list[bytes]:
        return _ids(self.removed)


@dataclass(frozen=True, slots=True)
class UserChange:
    id: str
    version: int
    code: bytes
    """Empty when the user has no faces any more."""


def _ids(packed: bytes) -> list[bytes]:
    return [packed[start : start + 16] for start in range(0, len(packed), 16)]
