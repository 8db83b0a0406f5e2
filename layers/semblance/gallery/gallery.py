"""Collections in memory, loaded by their first search and brought up to date by every search.

Within a budget of bytes, those searched least recently make room for others. A collection that has
not been searched for an hour goes too: without a search, a function would keep the vectors of faces
that were deleted elsewhere.
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
"""A collection not brought up to date for this long is read anew: changes may have expired."""
REFUSED_SECONDS = 300
"""A collection that was too large is refused for this long without being read again."""

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
    refused: str = ""
    """Why the snapshot at hand was not used, if there was one."""


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
        """`embeddings(uid)`: every face id with its stored embedding. `changes(uid, since_ms)`:
        the changes stamped then or later. `snapshots(uid)`: a local copy of the newest snapshot,
        which the gallery deletes, or None. `clock`: epoch seconds."""
        self.codec = codec
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
        """Writes the collection as of now to `path`, in the format that `snapshots` returns.

        `from_table` reads it anew first. Raises CollectionTooLarge.
        """
        with self._lock:
            if from_table:
                self._loaded[uid] = self._read_table(uid)
            header = self._current(uid).write_snapshot(path)
        return Written(header.watermark_ms, header.faces, header.users, header.file_bytes)

    def _current(self, uid: str) -> LoadedCollection:
        if self._refused_until.get(uid, 0) > self._clock():
            raise self._too_large()
        known = self._loaded.get(uid)
        if known and known.since_ms < self._now_ms() - STALE_SECONDS * 1000:
            known = None
        started_at = self._clock()
        collection, source, refused = (known, "memory", "") if known else self._read(uid)
        asked_at_ms = self._now_ms()
        collection.apply(self._changes(uid, collection.since_ms), asked_at_ms)
        if collection.users_behind:
            collection.fill_users(self._users(uid))
        self._loaded.pop(uid, None)
        self._require_room(uid, collection)
        self._loaded[uid] = collection
        self._evict()
        if known is None and self._on_load:
            seconds, faces = self._clock() - started_at, collection.rows.living
            self._on_load(Load(uid, faces, seconds, collection.size_bytes, source, refused))
        return collection

    def _read(self, uid: str) -> tuple[LoadedCollection, str, str]:
        """The collection, where it was read, and why not from the snapshot at hand."""
        path, refused = (self._snapshots(uid) if self._snapshots else None), ""
        if path is not None:
            try:
                content = snapshot.open_mapped(path, self.codec)
            except snapshot.SnapshotError as exc:
                refused = str(exc)  # the table has the same faces, and is slower
            else:
                return LoadedCollection.restored(self.codec, content), "snapshot", ""
            finally:
                path.unlink()
        return self._read_table(uid), "table", refused

    def _read_table(self, uid: str) -> LoadedCollection:
        collection = LoadedCollection.empty(self.codec, self._now_ms())
        for _ in collection.fill(self._embeddings(uid)):
            self._require_room(uid, collection)
        collection.fill_users(self._users(uid))
        return collection

    def _require_room(self, uid: str, collection: LoadedCollection) -> None:
        if collection.size_bytes > self._budget_bytes:
            self._refused_until[uid] = self._clock() + REFUSED_SECONDS
            raise self._too_large()

    def _too_large(self) -> CollectionTooLarge:
        return CollectionTooLarge(self._budget_bytes // row_bytes(self.codec.size))

    def _evict(self) -> None:
        """Never the last one, which the current call uses."""
        oldest_ms = self._now_ms() - IDLE_SECONDS * 1000
        for uid, collection in list(self._loaded.items())[:-1]:
            if collection.since_ms < oldest_ms or self._size_bytes() > self._budget_bytes:
                del self._loaded[uid]

    def _size_bytes(self) -> int:
        return sum(loaded.size_bytes for loaded in self._loaded.values())

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)
