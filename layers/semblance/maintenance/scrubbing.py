"""Scrubs change records: takes out the vectors of removed faces and outdated users.

A reader may apply changes twice and in any order, and removal wins. So no reader can tell whether
an addition still names a face that another change removes: a reader that saw neither gets both,
one that saw the addition removes it by id. The same holds for a user, whose highest version wins.
"""

from semblance.maintenance.maintenance import Maintenance
from semblance.maintenance.visit import OVERLAP_MS, Visit
from semblance.model.changes import Change


def scrub(maintenance: Maintenance, visit: Visit) -> int:
    """Returns the number of records scrubbed."""
    scrubbed, complete = 0, True
    if visit.news.removed or visit.news.users:
        for change in maintenance.stores.feed.since(visit.uid, 0):
            done = _scrub_one(maintenance, visit, change)
            scrubbed += bool(done)
            complete &= done is not False
    if complete and visit.news.newest_ms:
        newest = max(visit.news.newest_ms, visit.last.changed_ms)
        maintenance.stores.visits.note(visit.uid, scrubbed_ms=visit.started_ms, changed_ms=newest)
    return scrubbed


def _scrub_one(maintenance: Maintenance, visit: Visit, change: Change) -> bool | None:
    """None: the record holds nothing to scrub. False: another run changed it at this moment."""
    if change.user is not None:
        if not change.user.code or visit.news.users.get(change.user.id, 0) <= change.user.version:
            return None
        return maintenance.stores.scrubber.blank(visit.uid, change)
    ids = change.added_ids
    kept = [place for place, face_id in enumerate(ids) if not _is_removed(visit, face_id, change)]
    if len(kept) == len(ids):
        return None
    return maintenance.stores.scrubber.narrow(visit.uid, change, kept)


def _is_removed(visit: Visit, face_id: bytes, change: Change) -> bool:
    """Only a removal of this very addition counts. An id may come back once its removal is
    forgotten, and the expired record of that removal may still be there."""
    return change.at_ms < visit.news.removed.get(face_id, 0) + OVERLAP_MS
