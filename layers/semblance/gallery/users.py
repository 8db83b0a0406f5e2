"""The users of one collection in memory. Their vectors change; the highest version wins."""

import uuid

import numpy as np

from semblance.gallery.codes import Embeddings
from semblance.gallery.rows import Rows
from semblance.model import UserChange

_NAMESPACE = uuid.UUID("0a3f7c1e-6f0b-5d1a-8f52-3f7f6b0c9e44")


class UserRows:
    def __init__(self) -> None:
        self._rows = Rows()
        self._versions: dict[str, int] = {}
        self._names: dict[str, str] = {}
        """A row's id to the user's, which is longer than a row has room for."""

    @property
    def size_bytes(self) -> int:
        return self._rows.size_bytes

    def apply(self, change: UserChange) -> None:
        """In any order, and as often as one likes."""
        if change.version <= self._versions.get(change.id, 0):
            return
        self._versions[change.id] = change.version
        row = uuid.uuid5(_NAMESPACE, change.id)
        if change.code:
            self._names[str(row)] = change.id
            self._rows.put(row.bytes, np.frombuffer(change.code, np.int8))
        else:
            self._rows.kill(row.bytes)

    def nearest(self, probe: Embeddings, *, floor: float, limit: int) -> list[tuple[str, float]]:
        rows = self._rows.nearest(probe, floor=floor, limit=limit)
        return [(self._names[row], score) for row, score in rows]
