"""One visit to a collection: runs its duties, one after the other."""

from collections.abc import Callable
from typing import NamedTuple

from semblance.contract.schema import LONGEST_CALL_SECONDS
from semblance.gallery.gallery import Written
from semblance.maintenance import counting, expiring, renewing, retiring, scrubbing
from semblance.maintenance.maintenance import Maintenance
from semblance.maintenance.survey import Survey
from semblance.maintenance.visit import OVERLAP_MS, QUIET_MS, News, Visit
from semblance.model.gallery import Collection
from semblance.stores.visits import LastVisit

_BROKEN_OFF_SECONDS = LONGEST_CALL_SECONDS + 120
"""After this long no run can still be working on an upload."""


class Done(NamedTuple):
    retired: int
    """Faces erased because they were past the collection's retention."""
    scrubbed: int
    """Change records scrubbed."""
    expired: int
    """Change records deleted."""
    counts_were_right: bool | None
    """None: it was not the time to count, or a call was writing."""
    snapshot: Written | None


def visit_collection(
    maintenance: Maintenance,
    collection: Collection,
    survey: Survey,
    *,
    thorough: bool,
    seconds_left: Callable[[], float],
) -> Done:
    uid, started_ms = collection.uid, maintenance.now_ms()
    last, stored = survey.last_visits.get(uid, LastVisit()), survey.stored.get(uid, [])
    maintenance.stores.visits.note(uid, tried_ms=started_ms)
    # First, so that the other duties find these faces deleted.
    retired = retiring.retire(
        maintenance, collection, last, thorough=thorough, seconds_left=seconds_left
    )
    visit = Visit(
        collection=collection,
        last=last,
        started_ms=started_ms,
        stored=stored,
        news=_news(maintenance, collection, last, survey, started_ms),
        thorough=thorough,
        seconds_left=seconds_left,
    )
    _abort_broken_off(maintenance, survey, uid)
    return Done(
        retired=retired,
        scrubbed=scrubbing.scrub(maintenance, visit),
        counts_were_right=counting.count(maintenance, visit),
        snapshot=renewing.renew(maintenance, visit),
        expired=expiring.expire(maintenance, visit),
    )


def _news(
    maintenance: Maintenance, collection: Collection, last: LastVisit, survey: Survey, now_ms: int
) -> News:
    """One reading of the changes for all duties, from the earliest that any of them needs."""
    usable = filter(maintenance.snapshots.is_usable, survey.stored.get(collection.uid, [])[-1:])
    watermark_ms = next((each.watermark_ms for each in usable), now_ms)
    since_ms = max(0, min(last.scrubbed_ms - OVERLAP_MS, now_ms - QUIET_MS, watermark_ms))
    return News.of(
        maintenance.stores.feed.since(collection.uid, since_ms),
        scrubbed_ms=last.scrubbed_ms,
        watermark_ms=watermark_ms,
    )


def _abort_broken_off(maintenance: Maintenance, survey: Survey, uid: str) -> None:
    now = maintenance.clock()
    maintenance.snapshots.abort(
        upload
        for upload in survey.uploads.get(uid, ())
        if now - upload.begun_at.timestamp() > _BROKEN_OFF_SECONDS
    )
