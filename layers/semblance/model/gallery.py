"""A collection's contents: faces and users, and the matches that a search finds among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from semblance.model.detected import Box

FACE_MODEL_VERSION = "7.0"
"""The version that replies report. Clients compare it with "3" and "4"; the model that made a
collection's embeddings is `Collection.model_id`."""

RETENTION_TAG = "semblance:retention-days"
"""A collection's tag with the number of days for which a face is kept."""
MOST_RETENTION_DAYS = 36_500
SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Collection:
    """A name and its uid. All data is stored under the uid, so a deleted name is free at once."""

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
        """Epoch seconds: faces indexed earlier are past the retention, and match no more."""
        return now - self.retention_days * SECONDS_A_DAY if self.retention_days else 0.0


@dataclass(frozen=True, slots=True)
class Face:
    """A face in a collection."""

    id: str
    image_id: str
    box: Box
    confidence: float
    embedding: bytes
    """The codec's `size` numbers, little-endian float16, together of unit length."""
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
    """Several faces of one person, and their mean."""

    id: str
    version: int
    """Grows with every change, deletion and creation anew included."""
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
