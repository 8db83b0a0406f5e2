"""A collection's turn: the duties, one after the other."""

from collections.abc import Callable
from typing import NamedTuple

from semblance.contract.schema import LONGEST_CALL_SECONDS
from semblance.gallery.gallery import Written
from semblance.maintenance import counting, expiring, renewing, retiring, scrubbing
from semblance.maintenance.maintenance import Compactor
from semblance.maintenance.survey import Survey
from semblance.maintenance.visit import OVERLAP_MS, QUIET_MS, News, Visit
from semblance.model.gallery import Collection
from semblance.stores.visits import Turn

_BROKEN_OFF_SECONDS = LONGEST_CALL_SECONDS + 120
"""After so long nobody is at work on an upload any more."""


class Done(NamedTuple):
    retired: int
    """Faces that were older than the collection keeps them."""
    scrubbed: int
    """Change records that held something of what is gone."""
    expired: int
    counts_were_right: bool | None
    """None: it was not the time to count, or somebody was writing."""
    snapshot: Written | None


def compact(
    compactor: Compactor,
    collection: Collection,
    survey: Survey,
    *,
    thorough: bool,
    seconds_left: Callable[[], float],
) -> Done:
    uid, started_ms = collection.uid, compactor.now_ms()
    turn, stored = survey.turns.get(uid, Turn()), survey.stored.get(uid, [])
    compactor.turns.note(uid, tried_ms=started_ms)
    # First, so that the duties that follow meet them as deleted faces.
    retired = retiring.retire(
        compactor, collection, turn, thorough=thorough, seconds_left=seconds_left
    )
    visit = Visit(
        collection=collection,
        turn=turn,
        started_ms=started_ms,
        stored=stored,
        news=_news(compactor, collection, turn, survey, started_ms),
        thorough=thorough,
        seconds_left=seconds_left,
    )
    _abort_broken_off(compactor, survey, uid)
    return Done(
        retired=retired,
        scrubbed=scrubbing.scrub(compactor, visit),
        counts_were_right=counting.count(compactor, visit),
        snapshot=renewing.renew(compactor, visit),
        expired=expiring.expire(compactor, visit),
    )


def _news(
    compactor: Compactor, collection: Collection, turn: Turn, survey: Survey, now_ms: int
) -> News:
    """One reading of the changes for all duties, from where the first of them needs it."""
    usable = filter(compactor.snapshots.is_usable, survey.stored.get(collection.uid, [])[-1:])
    watermark_ms = next((each.watermark_ms for each in usable), now_ms)
    since_ms = max(0, min(turn.scrubbed_ms - OVERLAP_MS, now_ms - QUIET_MS, watermark_ms))
    return News.of(
        compactor.feed.since(collection.uid, since_ms),
        scrubbed_ms=turn.scrubbed_ms,
        watermark_ms=watermark_ms,
    )


def _abort_broken_off(compactor: Compactor, survey: Survey, uid: str) -> None:
    now = compactor.clock()
    compactor.snapshots.abort(
        upload
        for upload in survey.uploads.get(uid, ())
        if now - upload.begun_at.timestamp() > _BROKEN_OFF_SECONDS
    )
