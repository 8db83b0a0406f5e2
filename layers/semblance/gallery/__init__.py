"""The gallery: a collection's embeddings, kept current, and the scan over them.

Searches speak to the `Gallery` protocol, which `gallery.gallery.MemoryGallery` implements.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from semblance.embedding.codec import Embeddings


class CollectionTooLarge(Exception):  # noqa: N818  (an outcome that callers plan for)
    """The collection does not fit into the memory that the gallery may take."""

    def __init__(self, most_faces: int) -> None:
        super().__init__(f"room for {most_faces} faces")
        self.most_faces = most_faces


class Gallery(Protocol):
    """Both searches raise CollectionTooLarge."""

    def candidates(
        self, uid: str, probe: Embeddings, *, floor: float, limit: int
    ) -> list[tuple[str, float]]:
        """Face ids with approximate cosines, best first: a superset of the `limit` best faces
        whose exact cosine is `floor` or more, as of this moment."""

    def user_candidates(
        self, uid: str, probe: Embeddings, *, floor: float, limit: int
    ) -> list[tuple[str, float]]:
        """The same for users: ids with approximate cosines to the mean of each user's faces."""

    def forget(self, uid: str, face_ids: Iterable[str]) -> None:
        """Drops deleted faces from memory."""

    def drop(self, uid: str) -> None:
        """Drops a whole collection from memory."""
