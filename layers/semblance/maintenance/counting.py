"""Corrects counts that a crash between storing faces and counting them has left wrong.

A writer counts after it has committed, so an exact number is right for a collection only that
nobody is writing to: then every writer has counted what it stored, or never will.
"""

from semblance.maintenance.maintenance import Compactor
from semblance.maintenance.visit import OVERLAP_MS, QUIET_MS, Visit

AGAIN_SECONDS = 12 * 3600
"""Counting reads every item of a collection: not more often, unless it is asked for."""


def count(compactor: Compactor, visit: Visit) -> bool | None:
    """Whether the counts were right; None when this was not the time to tell."""
    if not _is_due(visit) or not visit.is_quiet:
        return None
    standing = compactor.collections.standing(visit.collection)
    if standing is None:
        return None
    faces, users = compactor.counts.faces(visit.uid), compactor.counts.users(visit.uid)
    if any(compactor.feed.since(visit.uid, visit.started_ms - QUIET_MS)):
        return None
    right = (faces, users) == (standing.face_count, standing.user_count)
    if not right and not compactor.collections.recount(standing, faces=faces, users=users):
        return None
    compactor.turns.note(visit.uid, counted_ms=visit.started_ms - OVERLAP_MS)
    return right


def _is_due(visit: Visit) -> bool:
    counted_ms = visit.turn.counted_ms
    if visit.thorough or not counted_ms:
        return True
    changed_ms = max(visit.news.newest_ms, visit.turn.changed_ms)
    waited_ms = visit.started_ms - counted_ms
    return changed_ms >= counted_ms and waited_ms >= AGAIN_SECONDS * 1000
