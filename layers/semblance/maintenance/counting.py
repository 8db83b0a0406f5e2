"""Corrects counts that a crash between storing faces and counting them has left wrong.

A writer counts after it has committed. So an exact number can be set only while nobody writes:
then every writer has counted its faces, or never will.
"""

from semblance.maintenance.maintenance import Maintenance
from semblance.maintenance.visit import OVERLAP_MS, QUIET_MS, Visit

AGAIN_SECONDS = 12 * 3600
"""Counting reads every item of a collection, so it waits this long, unless an operator asks."""


def count(maintenance: Maintenance, visit: Visit) -> bool | None:
    """True when the counts were right, False when corrected, None when it was not the time."""
    if not _is_due(visit) or not visit.is_quiet:
        return None
    standing = maintenance.stores.collections.standing(visit.collection)
    if standing is None:
        return None
    faces, users = (
        maintenance.stores.counts.faces(visit.uid),
        maintenance.stores.counts.users(visit.uid),
    )
    if any(maintenance.stores.feed.since(visit.uid, visit.started_ms - QUIET_MS)):
        return None
    right = (faces, users) == (standing.face_count, standing.user_count)
    if not right and not maintenance.stores.collections.recount(standing, faces=faces, users=users):
        return None
    maintenance.stores.visits.note(visit.uid, counted_ms=visit.started_ms - OVERLAP_MS)
    return right


def _is_due(visit: Visit) -> bool:
    counted_ms = visit.last.counted_ms
    if visit.thorough or not counted_ms:
        return True
    changed_ms = max(visit.news.newest_ms, visit.last.changed_ms)
    waited_ms = visit.started_ms - counted_ms
    return changed_ms >= counted_ms and waited_ms >= AGAIN_SECONDS * 1000
