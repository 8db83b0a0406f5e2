"""The rows of one collection in memory: ids, codes, and which of them are alive."""

import uuid
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from semblance.gallery import codes
from semblance.gallery.codes import DIMENSIONS, Codes, Embeddings

_ROWS_A_BLOCK = 65_536
_FIRST_CAPACITY = 1_024
ID_BYTES = 16
_ID = np.dtype((np.void, ID_BYTES))

Ids = NDArray[np.void]


class Rows:
    """Grows by doubling; a deleted row is marked dead and its vector zeroed at once."""

    def __init__(self) -> None:
        self._size = 0
        self._ids = np.zeros(_FIRST_CAPACITY, _ID)
        self._codes = np.zeros((_FIRST_CAPACITY, DIMENSIONS), np.int8)
        self._alive = np.zeros(_FIRST_CAPACITY, np.bool_)

    @property
    def size_bytes(self) -> int:
        return self._ids.nbytes + self._codes.nbytes + self._alive.nbytes

    @property
    def living(self) -> int:
        return int(np.count_nonzero(self._alive))

    def __contains__(self, face_id: bytes) -> bool:
        return bool(self._places(_ids(face_id)).size)

    def append(self, face_ids: bytes, vectors: Codes) -> None:
        """(16 n) bytes of ids and (n, 160) codes."""
        ids = _ids(face_ids)
        end = self._size + len(ids)
        self._reserve(end)
        self._ids[self._size : end] = ids
        self._codes[self._size : end] = vectors
        self._alive[self._size : end] = True
        self._size = end

    def put(self, face_id: bytes, vector: Codes) -> None:
        """One row, in the place of the living one of that id when there is one."""
        places = self._places(_ids(face_id))
        if places.size:
            self._codes[places[0]] = vector
        else:
            self.append(face_id, vector.reshape(1, DIMENSIONS))

    def kill(self, face_ids: bytes) -> None:
        places = self._places(_ids(face_ids))
        self._alive[places] = False
        self._codes[places] = 0

    def nearest(self, probe: Embeddings, *, floor: float, limit: int) -> list[tuple[str, float]]:
        """What may be among the `limit` best above `floor`, given what codes lose: best first."""
        scores = np.concatenate([*self._scores(probe)] or [np.zeros(0, np.float32)])
        if np.count_nonzero(scores >= floor - codes.MARGIN) > limit:
            best = np.partition(scores, -limit)[-limit:].min()
            floor = max(floor, float(best) - codes.MARGIN)
        places = np.flatnonzero(scores >= floor - codes.MARGIN)
        places = places[np.argsort(-scores[places], kind="stable")]
        return [(str(uuid.UUID(bytes=self._ids[p].tobytes())), float(scores[p])) for p in places]

    def _scores(self, probe: Embeddings) -> Iterator[NDArray[np.float32]]:
        for start in range(0, self._size, _ROWS_A_BLOCK):
            block = slice(start, min(start + _ROWS_A_BLOCK, self._size))
            scores = codes.cosines(self._codes[block], probe)
            yield np.where(self._alive[block], scores, np.float32(-np.inf))

    def _places(self, wanted: Ids) -> NDArray[np.intp]:
        return np.flatnonzero(np.isin(self._ids[: self._size], wanted) & self._alive[: self._size])

    def _reserve(self, rows: int) -> None:
        capacity = len(self._ids)
        if rows <= capacity:
            return
        larger = max(rows, 2 * capacity) - capacity
        self._ids = np.concatenate([self._ids, np.zeros(larger, _ID)])
        self._codes = np.concatenate([self._codes, np.zeros((larger, DIMENSIONS), np.int8)])
        self._alive = np.concatenate([self._alive, np.zeros(larger, np.bool_)])


def pack_id(face_id: str) -> bytes:
    return uuid.UUID(face_id).bytes


def _ids(face_ids: bytes) -> Ids:
    return np.frombuffer(face_ids, _ID)
