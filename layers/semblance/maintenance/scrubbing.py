"""Scrubs change records: what a removed face or an old version of a user has left in them.

A reader may apply changes twice and in any order, and removal wins. So it makes no difference to
it whether an addition names a face that another change removes: whoever has not seen either gets
the removal with the addition or after it, whoever has seen the addition knows it by its stamp.
The same goes for a user, whose highest version wins.
"""

from semblance.embedding.codec import DIMENSIONS
from semblance.maintenance.maintenance import Compactor
from semblance.maintenance.visit import OVERLAP_MS, Visit
from semblance.model.changes import Change


def scrub(compactor: Compactor, visit: Visit) -> int:
    """How many records had something in them that is gone now."""
    scrubbed, complete = 0, True
    if visit.news.removed or visit.news.users:
        for change in compactor.feed.since(visit.uid, 0):
            done = _scrub_one(compactor, visit, change)
            scrubbed += bool(done)
            complete &= done is not False
    if complete and visit.news.newest_ms:
        newest = max(visit.news.newest_ms, visit.turn.changed_ms)
        compactor.turns.note(visit.uid, scrubbed_ms=visit.started_ms, changed_ms=newest)
    return scrubbed


def _scrub_one(compactor: Compactor, visit: Visit, change: Change) -> bool | None:
    """None: it holds nothing that is gone. False: it has been changed at this moment."""
    if change.user is not None:
        if not change.user.code or visit.news.users.get(change.user.id, 0) <= change.user.version:
            return None
        return compactor.scrubber.blank(visit.uid, change)
    ids = change.added_ids
    kept = [place for place, face_id in enumerate(ids) if not _is_removed(visit, face_id, change)]
    if len(kept) == len(ids):
        return None
    return compactor.scrubber.narrow(
        visit.uid,
        change,
        added=b"".join(ids[place] for place in kept),
        codes=b"".join(_code(change, place) for place in kept),
    )


def _is_removed(visit: Visit, face_id: bytes, change: Change) -> bool:
    """By a removal of this addition: an id comes back when all trace of its removal is gone, and
    the record of that, expired, may still be there."""
    return change.at_ms < visit.news.removed.get(face_id, 0) + OVERLAP_MS


def _code(change: Change, place: int) -> bytes:
    return change.codes[place * DIMENSIONS : (place + 1) * DIMENSIONS]
