"""Collections in memory, loaded when first searched and brought up to date at every search.

Those searched least recently make room for others, within a budget. What has not been asked for
in an hour goes too: a function that nobody sends to that collection would keep what was deleted
from it elsewhere.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from semblance.contract import schema
from semblance.embedding.codec import Codec, Embeddings
from semblance.gallery import CollectionTooLarge, snapshot
from semblance.gallery.loaded import LoadedCollection
from semblance.gallery.scan import Scanner
from semblance.gallery.segments import pack_id, row_bytes
from semblance.model.changes import Change
from semblance.model.gallery import User

IDLE_SECONDS = 3_600
STALE_SECONDS = schema.CHANGES_KEPT_SECONDS - 3_600
"""What has not been brought up to date for so long is read anew: changes may be missing."""
REFUSED_SECONDS = 300
"""For so long a collection that was too large is refused without being read again."""

ReadEmbeddings = Callable[[str], Iterator[tuple[str, bytes]]]
ReadUsers = Callable[[str], Iterable[User]]
ReadChanges = Callable[[str, int], Iterable[Change]]
FetchSnapshot = Callable[[str], Path | None]


class Load(NamedTuple):
    """A collection that has been brought into memory."""

    uid: str
    faces: int
    seconds: float
    size_bytes: int
    source: str
    """`snapshot` or `table`."""


class Written(NamedTuple):
    """A snapshot that has been written to a local file."""

    watermark_ms: int
    faces: int
    users: int
    size_bytes: int


class MemoryGallery:
    def __init__(
        self,
        *,
        codec: Codec,
        embeddings: ReadEmbeddings,
        users: ReadUsers,
        changes: ReadChanges,
        snapshots: FetchSnapshot | None = None,
        clock: Callable[[], float],
        budget_bytes: int,
        threads: int = 1,
        on_load: Callable[[Load], None] | None = None,
    ) -> None:
        """`embeddings(uid)`: every face with its stored embedding. `changes(uid, since_ms)`.
        `snapshots(uid)`: a local file of the gallery's own, if there is one to start from."""
        self._codec = codec
        self._embeddings = embeddings
        self._users = users
        self._changes = changes
        self._snapshots = snapshots
        self._clock = clock
        self._budget_bytes = budget_bytes
        self._on_load = on_load
        self._scanner = Scanner(codec, threads)
        self._loaded: OrderedDict[str, LoadedCollection] = OrderedDict()
        self._refused_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def candidates(
        self, uid: str, probe: Embeddings, *, floor: float, limit: int
    ) -> list[tuple[str, float]]:
        with self._lock:
            rows = self._current(uid).rows
            return rows.nearest(self._scanner, probe, floor=floor, limit=limit)

    def user_candidates(
        self, uid: str, probe: Embeddings, *, floor: float, limit: int
    ) -> list[tuple[str, float]]:
        with self._lock:
            users = self._current(uid).users
            return users.nearest(self._scanner, probe, floor=floor, limit=limit)

    def forget(self, uid: str, face_ids: Iterable[str]) -> None:
        with self._lock:
            if uid in self._loaded:
                self._loaded[uid].rows.kill(b"".join(map(pack_id, face_ids)))

    def drop(self, uid: str) -> None:
        with self._lock:
            self._loaded.pop(uid, None)

    def write_snapshot(self, uid: str, path: Path, *, from_table: bool = False) -> Written:
        """The collection as of this moment, into a file that `snapshots` may answer with later.
        Raises CollectionTooLarge."""
        with self._lock:
            if from_table:
                self._loaded[uid] = self._read_table(uid)
            header = self._current(uid).write_snapshot(path)
        size_bytes = header.file_bytes(self._codec.size)
        return Written(header.watermark_ms, header.faces, header.users, size_bytes)

    def _current(self, uid: str) -> LoadedCollection:
        if self._refused_until.get(uid, 0) > self._clock():
            raise self._too_large()
        known = self._loaded.get(uid)
        if known and known.since_ms < self._now_ms() - STALE_SECONDS * 1000:
            known = None
        started_at = self._clock()
        collection, source = (known, "memory") if known else self._read(uid)
        asked_at_ms = self._now_ms()
        collection.apply(self._changes(uid, collection.since_ms), asked_at_ms)
        self._loaded.pop(uid, None)
        self._require_room(uid, collection)
        self._loaded[uid] = collection
        self._evict()
        if known is None and self._on_load:
            seconds = self._clock() - started_at
            self._on_load(Load(uid, collection.rows.living, seconds, collection.size_bytes, source))
        return collection

    def _read(self, uid: str) -> tuple[LoadedCollection, str]:
        path = self._snapshots(uid) if self._snapshots else None
        if path is not None:
            try:
                held = snapshot.open_mapped(path, self._codec.size)
            except snapshot.SnapshotError:
                pass  # of another version: what the table holds is as good, and slower
            else:
                return LoadedCollection.restored(self._codec, held), "snapshot"
            finally:
                path.unlink()
        return self._read_table(uid), "table"

    def _read_table(self, uid: str) -> LoadedCollection:
        collection = LoadedCollection.empty(self._codec, self._now_ms())
        for _ in collection.fill(self._embeddings(uid)):
            self._require_room(uid, collection)
        collection.fill_users(self._users(uid))
        return collection

    def _require_room(self, uid: str, collection: LoadedCollection) -> None:
        if collection.size_bytes > self._budget_bytes:
            self._refused_until[uid] = self._clock() + REFUSED_SECONDS
            raise self._too_large()

    def _too_large(self) -> CollectionTooLarge:
        return CollectionTooLarge(self._budget_bytes // row_bytes(self._codec.size))

    def _evict(self) -> None:
        """Never the last one, which is at hand."""
        oldest_ms = self._now_ms() - IDLE_SECONDS * 1000
        for uid, collection in list(self._loaded.items())[:-1]:
            if collection.since_ms < oldest_ms or self._size_bytes() > self._budget_bytes:
                del self._loaded[uid]

    def _size_bytes(self) -> int:
        return sum(loaded.size_bytes for loaded in self._loaded.values())

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)
