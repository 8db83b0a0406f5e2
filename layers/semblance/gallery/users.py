"""The users of one collection in memory. Their vectors change; the highest version wins."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from semblance.embedding.codec import Codes, Embeddings
from semblance.gallery.scan import Run, Scanner
from semblance.model.changes import UserChange

_FIRST_CAPACITY = 64
_NAME_BYTES = 300
"""Rough memory that Python takes for a user's name and place."""


class UserVectors(NamedTuple):
    """Users that have faces, as a snapshot holds them: n names, (n,) versions, (n, size) codes."""

    names: list[str]
    versions: NDArray[np.int64]
    codes: Codes


class UserRows:
    def __init__(self, size: int) -> None:
        """`size`: numbers in a code."""
        self._names: list[str] = []
        self._places: dict[str, int] = {}
        self._versions = np.zeros(_FIRST_CAPACITY, np.int64)
        self._codes = np.zeros((_FIRST_CAPACITY, size), np.int8)
        self._alive = np.zeros(_FIRST_CAPACITY, np.bool_)

    @property
    def size_bytes(self) -> int:
        arrays = self._versions.nbytes + self._codes.nbytes + self._alive.nbytes
        return arrays + _NAME_BYTES * len(self._names)

    def apply(self, change: UserChange) -> None:
        """Changes may come in any order, and more than once; each with a code, or an empty one."""
        place = self._place(change.id)
        if change.version <= self._versions[place]:
            return
        self._versions[place] = change.version
        self._alive[place] = bool(change.code)
        self._codes[place] = np.frombuffer(change.code, np.int8) if change.code else 0

    def restore(self, users: UserVectors) -> None:
        for name, version, code in zip(*users, strict=True):
            self.apply(UserChange(name, int(version), code.tobytes()))

    def nearest(
        self, scanner: Scanner, probe: Embeddings, *, floor: float, limit: int
    ) -> list[tuple[str, float]]:
        """Ids with approximate cosines, best first."""
        count = len(self._names)
        run = Run(0, self._codes[:count], self._alive[:count])
        hits = scanner.nearest([run], probe, floor=floor, limit=limit)
        return [
            (self._names[place], score)
            for place, score in zip(hits.places.tolist(), hits.scores.tolist(), strict=True)
        ]

    def living(self) -> UserVectors:
        places = np.flatnonzero(self._alive)
        names = [self._names[place] for place in places.tolist()]
        return UserVectors(names, self._versions[places], self._codes[places])

    def _place(self, name: str) -> int:
        if name not in self._places:
            self._places[name] = len(self._names)
            self._names.append(name)
            if len(self._names) > len(self._alive):
                self._grow()
        return self._places[name]

    def _grow(self) -> None:
        more = len(self._alive)
        self._versions = np.pad(self._versions, (0, more))
        self._codes = np.pad(self._codes, ((0, more), (0, 0)))
        self._alive = np.pad(self._alive, (0, more))
