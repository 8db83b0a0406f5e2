"""One collection in memory, and how changes are applied to it.

A reader asks for the changes since it last asked, less OVERLAP_SECONDS, and skips those that it has
applied: so it still sees a change that was committed long after its stamp. A removal is remembered
for at least as long, and wins over an addition that is read after it.

Only codes of the collection's own codec become rows. A face whose addition came with others is
missing until the collection is loaded again; for a user there is the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from semblance.contract import schema
from semblance.embedding.codec import Codec, unpack
from semblance.gallery import snapshot
from semblance.gallery.rows import Rows
from semblance.gallery.segments import pack_id
from semblance.gallery.snapshot import Header, SnapshotContent
from semblance.gallery.users import UserRows
from semblance.model.changes import Change, UserChange
from semblance.model.gallery import User

OVERLAP_SECONDS = 60
_OVERLAP_MS = OVERLAP_SECONDS * 1000
_LOADED_AT_ONCE = 8_192


class LoadedCollection:
    def __init__(self, codec: Codec, rows: Rows, users: UserRows, since_ms: int) -> None:
        self._codec = codec
        self._marks = {mark for mark in (b"", codec.mark) if codec.made(mark)}
        self.rows = rows
        self.users = users
        self.since_ms = since_ms
        self.users_behind = False
        """A user changed without a code of this codec: `fill_users` from the table."""
        self._applied: set[str] = set()
        self._removed: dict[bytes, str] = {}
        self._first = True

    @classmethod
    def empty(cls, codec: Codec, now_ms: int) -> LoadedCollection:
        """Without rows, to be filled from the table by a read that begins now."""
        size = codec.size
        return cls(codec, Rows(size), UserRows(size), now_ms - _OVERLAP_MS)

    @classmethod
    def restored(cls, codec: Codec, content: SnapshotContent) -> LoadedCollection:
        users = UserRows(codec.size)
        users.restore(content.users)
        return cls(codec, Rows(codec.size, content.faces), users, content.header.watermark_ms)

    @property
    def size_bytes(self) -> int:
        return self.rows.size_bytes + self.users.size_bytes

    def fill(self, embeddings: Iterator[tuple[str, bytes]]) -> Iterator[None]:
        """Appends faces of the table, and yields after each block: the caller may stop there."""
        for block in _blocks(embeddings, _LOADED_AT_ONCE):
            face_ids = b"".join(pack_id(face_id) for face_id, _ in block)
            vectors = unpack([embedding for _, embedding in block])
            self.rows.append(face_ids, self._codec.quantize(vectors))
            yield

    def fill_users(self, users: Iterable[User]) -> None:
        for user in users:
            code = self._codec.encode(user.embedding) if user.face_ids else b""
            self.users.apply(UserChange(user.id, user.version, code))
        self.users_behind = False

    def apply(self, changes: Iterable[Change], asked_at_ms: int) -> None:
        """`changes`: those stamped at `since_ms` or later, in any order, as read at `asked_at_ms`.

        Changes that were applied before are skipped."""
        fresh = [change for change in changes if change.stamp not in self._applied]
        for change in fresh:
            self._removed |= dict.fromkeys(change.removed_ids, change.stamp)
        for change in fresh:
            if change.user is not None:
                self._apply_user(change.user, change.mark)
        self._add([change for change in fresh if change.added and change.mark in self._marks])
        self.rows.kill(b"".join(change.removed for change in fresh))
        self._applied |= {change.stamp for change in fresh}
        self._first = False
        self._look_back_from(asked_at_ms)

    def write_snapshot(self, path: Path) -> Header:
        """Writes the collection as of the last `apply`. The watermark lies one overlap before
        `since_ms`, so that a reader of the snapshot gets both a removal and the addition that it
        must win over."""
        watermark_ms = self.since_ms - _OVERLAP_MS
        return snapshot.write(
            path, self._codec, watermark_ms=watermark_ms, rows=self.rows, users=self.users
        )

    def _apply_user(self, user: UserChange, mark: bytes) -> None:
        if user.code == b"" or (user.code is not None and mark in self._marks):
            self.users.apply(user)
        else:
            self.users_behind = True

    def _add(self, changes: list[Change]) -> None:
        ids = [face_id for change in changes for face_id in change.added_ids]
        vectors = np.frombuffer(b"".join(change.codes for change in changes), np.int8)
        new = np.array([face_id not in self._removed for face_id in ids], np.bool_)
        if self._first and ids:
            # Only the first changes overlap the loaded rows and can repeat a face of theirs.
            new &= ~self.rows.known(b"".join(ids))
        added = b"".join(face_id for face_id, is_new in zip(ids, new, strict=True) if is_new)
        self.rows.append(added, vectors.reshape(len(ids), self._codec.size)[new])

    def _look_back_from(self, asked_at_ms: int) -> None:
        self.since_ms = asked_at_ms - _OVERLAP_MS
        oldest = schema.change_stamp(self.since_ms)
        self._applied = {stamp for stamp in self._applied if stamp >= oldest}
        # Removals are kept twice as long: the clocks of two writers may differ a little.
        oldest = schema.change_stamp(self.since_ms - _OVERLAP_MS)
        self._removed = {i: stamp for i, stamp in self._removed.items() if stamp >= oldest}


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
