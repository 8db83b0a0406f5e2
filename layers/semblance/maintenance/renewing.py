"""Keeps the snapshot of a collection worth loading, and deletes those that it replaces.

A cold function reads the snapshot and then the changes since its watermark; a face that was
deleted since is still in it. So it is written anew when many changes have gathered, and when any
change is half a day old: within a day of its deletion a face's vector is in no copy.

A collection is compacted by the codec of its own model, whichever one the deployment runs. Without
that codec its snapshot cannot be kept current, so it goes.
"""

import errno
import uuid

from semblance.embedding.codec import Codec
from semblance.gallery import CollectionTooLarge
from semblance.gallery.gallery import MemoryGallery, Written
from semblance.maintenance.maintenance import Maintenance
from semblance.maintenance.sweeping import delete_copies
from semblance.maintenance.visit import Visit

MANY_CHANGES = 100_000
MANY_OF = 0.1
RENEWED_SECONDS = 12 * 3600
KEPT_SECONDS = 24 * 3600
"""Renewed after this long even without a change: a reader can use it for twice as long."""
_FACES_A_SECOND = 25_000
"""The rate at which the table is read. Reading the last snapshot is many times as fast."""
_LEAST_SECONDS = 60
_MOST_SECONDS = 800
"""A run that has just begun has this much left, so it tries any collection."""


class SnapshotTooLarge(Exception):  # noqa: N818  (an outcome that callers plan for)
    """The function cannot hold the collection; the message says which setting to change."""


def seconds_needed(faces: int) -> float:
    """The time to load, write and send a snapshot of this many faces."""
    return min(_LEAST_SECONDS + faces / _FACES_A_SECOND, _MOST_SECONDS)


def renew(maintenance: Maintenance, visit: Visit) -> Written | None:
    """The snapshot that was written, if one was due."""
    written = None
    gallery = maintenance.galleries.get(visit.collection.model_id)
    if gallery is None or visit.collection.face_count < maintenance.fewest_faces:
        maintenance.snapshots.delete(visit.stored)
    elif _is_due(maintenance, visit, gallery.codec):
        try:
            written = _write(maintenance, visit, gallery)
        finally:
            gallery.drop(visit.uid)
        if maintenance.stores.collections.standing(visit.collection) is None:
            delete_copies(maintenance, visit.uid)
            return None
    if written or len(visit.stored) > 1:
        *older, _ = maintenance.snapshots.all(visit.uid)
        maintenance.snapshots.delete(older)
    return written


def _is_due(maintenance: Maintenance, visit: Visit, codec: Codec) -> bool:
    if not visit.stored or not maintenance.snapshots.is_usable(visit.stored[-1]):
        return True
    if not codec.made(visit.stored[-1].mark):
        return True
    if visit.stored[-1].watermark_ms != visit.last.snapshot_ms:
        return True
    changes, faces = visit.news.since_snapshot, visit.collection.face_count
    if changes and (visit.thorough or changes >= min(MANY_CHANGES, MANY_OF * faces)):
        return True
    age_seconds = (visit.started_ms - visit.stored[-1].watermark_ms) / 1000
    return age_seconds >= (RENEWED_SECONDS if changes else KEPT_SECONDS)


def _write(maintenance: Maintenance, visit: Visit, gallery: MemoryGallery) -> Written:
    path = maintenance.directory / f"{visit.uid}-{uuid.uuid4().hex}"
    try:
        written = gallery.write_snapshot(visit.uid, path)
        if _is_doubtful(maintenance, visit, written):
            written = gallery.write_snapshot(visit.uid, path, from_table=True)
        maintenance.snapshots.put(visit.uid, path, written.watermark_ms, gallery.codec.mark)
        # After it: the table never names a snapshot that holds more than the table itself.
        maintenance.stores.visits.note(visit.uid, snapshot_ms=written.watermark_ms)
    except CollectionTooLarge as exc:
        raise SnapshotTooLarge(
            f"{visit.collection.face_count} faces are too many for the compactor's memory: deploy "
            "with a larger compactor_memory_mib"
        ) from exc
    except OSError as exc:
        if exc.errno != errno.ENOSPC:
            raise
        raise SnapshotTooLarge(
            "The snapshot does not fit into /tmp: deploy with a larger compactor_storage_mib"
        ) from exc
    finally:
        path.unlink(missing_ok=True)
    return written


def _is_doubtful(maintenance: Maintenance, visit: Visit, written: Written) -> bool:
    """A snapshot is made from the last one, so an error in that one would stay. When its number of
    faces differs from the collection's count, and no call is writing, the table decides."""
    if not visit.is_quiet or written.faces == visit.collection.face_count:
        return False
    return maintenance.stores.counts.faces(visit.uid) != written.faces
