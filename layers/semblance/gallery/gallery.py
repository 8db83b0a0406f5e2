"""The collections in memory, loaded when first asked for and brought up to date at every search.

A reader asks for the changes since it last asked, less OVERLAP_SECONDS, and skips what it has
applied: a writer that was slow between stamping its change and committing it is still seen. A
removal is remembered as long, and wins over an addition that is read after it.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from semblance import schema
from semblance.gallery import codes
from semblance.gallery.codes import DIMENSIONS, Embeddings
from semblance.gallery.rows import ID_BYTES, Rows, pack_id
from semblance.gallery.users import UserRows
from semblance.model import Change, User, UserChange

OVERLAP_SECONDS = 60
_LOADED_AT_ONCE = 8_192

ReadEmbeddings = Callable[[str], Iterator[tuple[str, bytes]]]
ReadUsers = Callable[[str], Iterable[User]]
ReadChanges = Callable[[str, int], Iterable[Change]]


class Load(NamedTuple):
    """A collection that has been brought into memory."""

    uid: str
    faces: int
    seconds: float
    size_bytes: int


class Gallery:
    def __init__(
        self,
        *,
        embeddings: ReadEmbeddings,
        users: ReadUsers,
        changes: ReadChanges,
        clock: Callable[[], float],
        budget_bytes: int,
        on_load: Callable[[Load], None] | None = None,
    ) -> None:
        """`embeddings(uid)`: every face with its stored embedding. `changes(uid, since_ms)`."""
        self._embeddings = embeddings
        self._users = users
        self._changes = changes
        self._clock = clock
        self._budget_bytes = budget_bytes
        self._on_load = on_load
        self._loaded: OrderedDict[str, _LoadedCollection] = OrderedDict()
        self._lock = threading.Lock()

    def candidates(
        self, uid: str, probe: Embeddings, *, floor: float, limit: int
    ) -> list[tuple[str, float]]:
        """Face ids with approximate cosines, best first: a superset of the `limit` best faces
        whose exact cosine is `floor` or more, as of this moment."""
        with self._lock:
            rows = self._current(uid).rows
            return rows.nearest(probe, floor=floor, limit=limit)

    def user_candidates(
        self, uid: str, probe: Embeddings, *, floor: float, limit: int
    ) -> list[tuple[str, float]]:
        """The same for users: their ids with approximate cosines to what their faces share."""
        with self._lock:
            return self._current(uid).users.nearest(probe, floor=floor, limit=limit)

    def forget(self, uid: str, face_ids: Iterable[str]) -> None:
        """Drops faces that turned out not to exist."""
        with self._lock:
            if uid in self._loaded:
                self._loaded[uid].rows.kill(b"".join(map(pack_id, face_ids)))

    def _current(self, uid: str) -> "_LoadedCollection":
        known = self._loaded.get(uid)
        started_at = self._clock()
        collection = known or self._read(uid)
        asked_at_ms = self._now_ms()
        collection.apply(self._changes(uid, collection.since_ms), asked_at_ms)
        self._loaded[uid] = collection
        self._loaded.move_to_end(uid)
        self._evict()
        if known is None and self._on_load:
            seconds = self._clock() - started_at
            self._on_load(Load(uid, collection.rows.living, seconds, collection.size_bytes))
        return collection

    def _read(self, uid: str) -> "_LoadedCollection":
        collection = _LoadedCollection(self._now_ms())
        collection.fill(self._embeddings(uid), self._users(uid))
        return collection

    def _evict(self) -> None:
        """Lets go of the least recently searched, never of the one at hand."""
        while len(self._loaded) > 1 and self._size_bytes() > self._budget_bytes:
            self._loaded.popitem(last=False)

    def _size_bytes(self) -> int:
        return sum(loaded.size_bytes for loaded in self._loaded.values())

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


class _LoadedCollection:
    def __init__(self, loaded_at_ms: int) -> None:
        self.rows = Rows()
        self.users = UserRows()
        self.since_ms = loaded_at_ms - OVERLAP_SECONDS * 1000
        self._applied: set[str] = set()
        self._removed: dict[bytes, str] = {}
        self._first = True

    @property
    def size_bytes(self) -> int:
        return self.rows.size_bytes + self.users.size_bytes

    def fill(self, embeddings: Iterator[tuple[str, bytes]], users: Iterable[User]) -> None:
        for block in _blocks(embeddings, _LOADED_AT_ONCE):
            face_ids = b"".join(pack_id(face_id) for face_id, _ in block)
            vectors = codes.unpack(b"".join(embedding for _, embedding in block))
            self.rows.append(face_ids, codes.quantize(vectors))
        for user in users:
            code = codes.encode(user.embedding) if user.face_ids else b""
            self.users.apply(UserChange(user.id, user.version, code))

    def apply(self, changes: Iterable[Change], asked_at_ms: int) -> None:
        fresh = [change for change in changes if change.stamp not in self._applied]
        for change in fresh:
            self._removed |= dict.fromkeys(_split(change.removed), change.stamp)
        for change in fresh:
            self._add(change)
            if change.user is not None:
                self.users.apply(change.user)
        self.rows.kill(b"".join(change.removed for change in fresh))
        self._applied |= {change.stamp for change in fresh}
        self._first = False
        self._look_back_from(asked_at_ms)

    def _add(self, change: Change) -> None:
        ids = _split(change.added)
        vectors = np.frombuffer(change.codes, np.int8).reshape(len(ids), DIMENSIONS)
        new = [place for place, face_id in enumerate(ids) if self._is_new(face_id)]
        self.rows.append(b"".join(ids[place] for place in new), vectors[new])

    def _is_new(self, face_id: bytes) -> bool:
        """Only the first changes, which overlap the table as it was read, can repeat its faces."""
        return face_id not in self._removed and not (self._first and face_id in self.rows)

    def _look_back_from(self, asked_at_ms: int) -> None:
        self.since_ms = asked_at_ms - OVERLAP_SECONDS * 1000
        oldest = schema.change_stamp(self.since_ms)
        self._applied = {stamp for stamp in self._applied if stamp >= oldest}
        # Kept for twice as long: the clocks of two writers may differ by a little.
        oldest = schema.change_stamp(self.since_ms - OVERLAP_SECONDS * 1000)
        self._removed = {i: stamp for i, stamp in self._removed.items() if stamp >= oldest}


def _split(face_ids: bytes) -> list[bytes]:
    return [face_ids[i : i + ID_BYTES] for i in range(0, len(face_ids), ID_BYTES)]


def _blocks(
    embeddings: Iterator[tuple[str, bytes]], size: int
) -> Iterator[list[tuple[str, bytes]]]:
    block: list[tuple[str, bytes]] = []
    for entry in embeddings:
        block.append(entry)
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block
