"""Keeps the snapshot of a collection worth loading, and deletes those that it replaces.

A cold function reads the snapshot and then the changes since its watermark; a face that was
deleted since is still in it. So it is written anew when many changes have gathered, and when any
has been there for half a day: within a day of its deletion a face's vector is in no copy.
"""

import errno
import uuid

from semblance import errors
from semblance.gallery.gallery import Written
from semblance.maintenance.maintenance import Compactor
from semblance.maintenance.sweeping import erase_copies
from semblance.maintenance.visit import Visit

MANY_CHANGES = 100_000
MANY_OF = 0.1
RENEWED_SECONDS = 12 * 3600
KEPT_SECONDS = 24 * 3600
"""Without any change: then half the time is over for which a reader can still use it."""
_FACES_A_SECOND = 25_000
"""When the table has to be read; from the last snapshot it is many times as quick."""
_LEAST_SECONDS = 60
_MOST_SECONDS = 800
"""So that a run that has just begun tries its hand at any collection."""


class TooLarge(Exception):  # noqa: N818
    """The compactor cannot hold the collection; the message says which setting to change."""


def seconds_needed(faces: int) -> float:
    """To load, write and send a snapshot of so many."""
    return min(_LEAST_SECONDS + faces / _FACES_A_SECOND, _MOST_SECONDS)


def renew(compactor: Compactor, visit: Visit) -> Written | None:
    """What was written, if anything was to be."""
    written = None
    if visit.collection.face_count < compactor.fewest_faces:
        compactor.snapshots.delete(visit.stored)
    elif _is_due(compactor, visit):
        try:
            written = _write(compactor, visit)
        finally:
            compactor.gallery.drop(visit.uid)
        if compactor.collections.standing(visit.collection) is None:
            erase_copies(compactor, visit.uid)
            return None
    if written or len(visit.stored) > 1:
        *older, _ = compactor.snapshots.all(visit.uid)
        compactor.snapshots.delete(older)
    return written


def _is_due(compactor: Compactor, visit: Visit) -> bool:
    if not visit.stored or not compactor.snapshots.is_usable(visit.stored[-1]):
        return True
    changes, faces = visit.news.since_snapshot, visit.collection.face_count
    if changes and (visit.thorough or changes >= min(MANY_CHANGES, MANY_OF * faces)):
        return True
    age_seconds = (visit.started_ms - visit.stored[-1].watermark_ms) / 1000
    return age_seconds >= (RENEWED_SECONDS if changes else KEPT_SECONDS)


def _write(compactor: Compactor, visit: Visit) -> Written:
    path = compactor.directory / f"{visit.uid}-{uuid.uuid4().hex}"
    try:
        written = compactor.gallery.write_snapshot(visit.uid, path)
        if _is_doubtful(compactor, visit, written):
            written = compactor.gallery.write_snapshot(visit.uid, path, from_table=True)
        compactor.snapshots.put(visit.uid, path, written.watermark_ms)
    except errors.InvalidParameterException as exc:
        raise TooLarge(
            f"{visit.collection.face_count} faces are too many for the compactor's memory: deploy "
            "with a larger compactor_memory_mib"
        ) from exc
    except OSError as exc:
        if exc.errno != errno.ENOSPC:
            raise
        raise TooLarge(
            "The snapshot does not fit into /tmp: deploy with a larger compactor_storage_mib"
        ) from exc
    finally:
        path.unlink(missing_ok=True)
    return written


def _is_doubtful(compactor: Compactor, visit: Visit, written: Written) -> bool:
    """A snapshot is made of the last one: what was wrong in that would stay wrong. So when it is
    not what the collection counts, and nobody is writing, the table is asked."""
    if not visit.is_quiet or written.faces == visit.collection.face_count:
        return False
    return compactor.counts.faces(visit.uid) != written.faces
