"""Rows of faces: ids, codes and a live mask, sorted by id except for the newest."""

from __future__ import annotations

import uuid
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from semblance.embedding.codec import Codes
from semblance.gallery.scan import Places

ID_BYTES = 16
_FIRST_CAPACITY = 1_024
TAIL_ROWS = 65_536


class Ids(NamedTuple):
    """Each id as two numbers, which sort like the id's text."""

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]

    @classmethod
    def of(cls, packed: bytes) -> Ids:
        """From ids of 16 bytes each, one after the other."""
        halves = np.frombuffer(packed, ">u8").reshape(-1, 2).astype(np.uint64)
        return cls(halves[:, 0].copy(), halves[:, 1].copy())

    def take(self, places: Places | slice) -> Ids:
        return Ids(self.high[places], self.low[places])

    def order(self) -> Places:
        return np.lexsort((self.low, self.high))

    def texts(self) -> list[str]:
        digits = (
            f"{(high << 64) | low:032x}"
            for high, low in zip(self.high.tolist(), self.low.tolist(), strict=True)
        )
        return [f"{d[:8]}-{d[8:12]}-{d[12:16]}-{d[16:20]}-{d[20:]}" for d in digits]


class Segment:
    """Rows in ascending order of their ids, found by binary search and killed where they lie."""

    def __init__(self, ids: Ids, codes: Codes, alive: NDArray[np.bool_] | None = None) -> None:
        self.ids = ids
        self.codes = codes
        self.alive = np.ones(len(codes), np.bool_) if alive is None else alive

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def size_bytes(self) -> int:
        return len(self) * row_bytes(self.codes.shape[1])

    def places(self, wanted: Ids) -> tuple[Places, Places]:
        """The living rows of these ids, and for each of the rows the index of its id in
        `wanted`."""
        return _living(self.ids, self.alive, wanted)

    def kill(self, places: Places) -> None:
        """Zeroes the vectors at once."""
        self.alive[places] = False
        self.codes[places] = 0


class Tail:
    """The newest rows, in the order of their arrival. Doubles its capacity up to TAIL_ROWS."""

    def __init__(self, size: int) -> None:
        """`size`: numbers in a code."""
        self._count = 0
        self._ids = Ids(np.zeros(_FIRST_CAPACITY, np.uint64), np.zeros(_FIRST_CAPACITY, np.uint64))
        self._codes = np.zeros((_FIRST_CAPACITY, size), np.int8)
        self._alive = np.zeros(_FIRST_CAPACITY, np.bool_)

    def __len__(self) -> int:
        return self._count

    @property
    def room(self) -> int:
        return TAIL_ROWS - self._count

    @property
    def size_bytes(self) -> int:
        return len(self._alive) * row_bytes(self._codes.shape[1])

    @property
    def ids(self) -> Ids:
        return self._ids.take(slice(self._count))

    @property
    def codes(self) -> Codes:
        return self._codes[: self._count]

    @property
    def alive(self) -> NDArray[np.bool_]:
        return self._alive[: self._count]

    def append(self, ids: Ids, codes: Codes) -> None:
        end = self._count + len(codes)
        self._reserve(end)
        self._ids.high[self._count : end] = ids.high
        self._ids.low[self._count : end] = ids.low
        self._codes[self._count : end] = codes
        self._alive[self._count : end] = True
        self._count = end

    def places(self, wanted: Ids) -> tuple[Places, Places]:
        order = self.ids.order()
        found, indices = _living(self.ids.take(order), self.alive[order], wanted)
        return order[found], indices

    def kill(self, places: Places) -> None:
        self.alive[places] = False
        self.codes[places] = 0

    def sealed(self) -> Segment:
        """Its living rows, sorted."""
        living = np.flatnonzero(self.alive)
        order = living[self.ids.take(living).order()]
        return Segment(self.ids.take(order), self.codes[order])

    def _reserve(self, rows: int) -> None:
        capacity = len(self._alive)
        if rows <= capacity:
            return
        more = max(rows, min(2 * capacity, TAIL_ROWS)) - capacity
        self._ids = Ids(*(np.pad(half, (0, more)) for half in self._ids))
        self._codes = np.pad(self._codes, ((0, more), (0, 0)))
        self._alive = np.pad(self._alive, (0, more))


def _living(ids: Ids, alive: NDArray[np.bool_], wanted: Ids) -> tuple[Places, Places]:
    first = np.searchsorted(ids.high, wanted.high, "left")
    behind = np.searchsorted(ids.high, wanted.high, "right")
    found, indices = [], []
    for k in np.flatnonzero(behind > first).tolist():
        # Two ids with the same first half are as rare as a collision: a short walk.
        same = first[k] + np.flatnonzero(ids.low[first[k] : behind[k]] == wanted.low[k])
        same = same[alive[same]]
        found.append(same)
        indices.append(np.full(len(same), k))
    nothing = np.zeros(0, np.intp)
    return np.concatenate([nothing, *found]), np.concatenate([nothing, *indices])


def row_bytes(size: int) -> int:
    """Memory of a row: its id, its code of `size` bytes, and its place in the live mask."""
    return ID_BYTES + size + 1


def pack_id(face_id: str) -> bytes:
    return uuid.UUID(face_id).bytes
