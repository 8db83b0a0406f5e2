"""Snapshots of collections in S3: one object each; the newest is the last in its listing.

An object appears when it is complete and never changes. Its key names the watermark: a reader
still has to apply the changes since then. These are kept for 48 hours, so an older snapshot is
useless. The table names the watermark, too: after a restore to an earlier time it names an earlier
one, and the snapshots of a future that it does not have are not read. The key also names the codec,
so that nobody loads codes of another model for nothing. Large snapshots travel in parts, several at
once.
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from semblance.contract import layout, schema
from semblance.embedding.codec import Codec
from semblance.stores import transfer
from semblance.stores.transfer import PART_BYTES

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

USABLE_SECONDS = schema.CHANGES_KEPT_SECONDS - 3600
"""Maximum age. The hour that is left is for loading it and applying the changes."""
_TRIES = 4
_DELETED_AT_ONCE = 1000


class StoredSnapshot(NamedTuple):
    """A snapshot's object, as a listing shows it."""

    uid: str
    watermark_ms: int
    mark: bytes
    """Of the codec that made its codes; empty for version 0.1.0's."""
    key: str
    size_bytes: int
    etag: str


class Upload(NamedTuple):
    """A multipart upload of a snapshot that has begun and not completed: S3 holds its parts."""

    uid: str
    key: str
    upload_id: str
    begun_at: datetime


class Unusable(NamedTuple):
    """A snapshot that was not loaded, and why: the collection is read from the table instead."""

    snapshot: StoredSnapshot
    reason: str


class SnapshotBucket:
    def __init__(
        self,
        s3: S3Client,
        bucket: str,
        directory: Path,
        clock: Callable[[], float],
        *,
        named: Callable[[str], int] | None = None,
        on_unusable: Callable[[Unusable], None] | None = None,
        part_bytes: int = PART_BYTES,
    ) -> None:
        """`directory`: where `fetch` puts its files; the caller deletes them. `named(uid)`: the
        watermark of the one snapshot that the table vouches for; without it any newest will do."""
        self._s3 = s3
        self._bucket = bucket
        self._directory = directory
        self._clock = clock
        self._named = named
        self._on_unusable = on_unusable
        self._part_bytes = part_bytes

    def fetch(self, uid: str, codec: Codec | None = None) -> Path | None:
        """A file with the newest snapshot; None when there is none to use.

        `codec`: pass over codes of any other.
        """
        for _ in range(_TRIES):
            newest = self.newest(uid)
            if newest is None:
                return None
            if codec is not None and not codec.made(newest.mark):
                self._refuse(
                    newest, f"its codes are of another model or scale than {codec.model_id}"
                )
                return None
            try:
                return self._download(newest)
            except transfer.Gone:
                continue  # a newer one has taken its place
            except (transfer.Corrupt, _NoRoom) as problem:
                self._refuse(newest, str(problem))
                return None
        return None

    def newest(self, uid: str) -> StoredSnapshot | None:
        """None when there is none, it is too old, or the table names another."""
        found = max(self._vouched_for(uid), default=None, key=lambda each: each.key)
        return found if found and self.is_usable(found) else None

    def _vouched_for(self, uid: str) -> Iterator[StoredSnapshot]:
        if self._named is None:
            return self.all(uid)
        if not (named_ms := self._named(uid)):
            return iter(())  # most collections are small and have none: nothing to list
        return (each for each in self.all(uid) if each.watermark_ms == named_ms)

    def is_usable(self, snapshot: StoredSnapshot) -> bool:
        return self._clock() - snapshot.watermark_ms / 1000 < USABLE_SECONDS

    def all(self, uid: str | None = None) -> Iterator[StoredSnapshot]:
        """Ordered by uid, then by watermark."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=_prefix(uid)
        )
        for page in pages:
            for entry in page.get("Contents", ()):
                if key := layout.parse_snapshot_key(entry["Key"]):
                    yield StoredSnapshot(*key, entry["Key"], entry["Size"], entry["ETag"])

    def put(self, uid: str, path: Path, watermark_ms: int, mark: bytes) -> None:
        """Once this has returned, readers find the snapshot; if it raises, they do not."""
        suffix = f"{time.time_ns():016x}{uuid.uuid4().hex[:8]}"
        key = layout.snapshot_key(uid, watermark_ms, suffix, mark)
        transfer.upload(self._s3, path, self._bucket, key, self._part_bytes)

    def delete(self, snapshots: Iterable[StoredSnapshot]) -> None:
        for snapshot in snapshots:
            self._s3.delete_object(Bucket=self._bucket, Key=snapshot.key)

    def uploads(self, uid: str | None = None) -> Iterator[Upload]:
        pages = self._s3.get_paginator("list_multipart_uploads").paginate(
            Bucket=self._bucket, Prefix=_prefix(uid)
        )
        for page in pages:
            for entry in page.get("Uploads", ()):
                if key := layout.parse_snapshot_key(entry["Key"]):
                    yield Upload(key.uid, entry["Key"], entry["UploadId"], entry["Initiated"])

    def abort(self, uploads: Iterable[Upload]) -> None:
        for upload in uploads:
            transfer.abort(self._s3, self._bucket, upload.key, upload.upload_id)

    def _refuse(self, snapshot: StoredSnapshot, reason: str) -> None:
        if self._on_unusable:
            self._on_unusable(Unusable(snapshot, reason))

    def _download(self, snapshot: StoredSnapshot) -> Path:
        self._directory.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self._directory).free
        if free < snapshot.size_bytes:
            raise _NoRoom(f"it has {snapshot.size_bytes} bytes, and {free} are free")
        path = self._directory / f"{snapshot.uid}-{uuid.uuid4().hex}"
        try:
            transfer.download(self._s3, self._bucket, snapshot, path, self._part_bytes)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path


class _NoRoom(Exception):  # noqa: N818
    """The function's /tmp is too small; api_storage_mib and its like set the size."""


def _prefix(uid: str | None) -> str:
    return layout.prefix(layout.SNAPSHOTS, *([] if uid is None else [uid]))
