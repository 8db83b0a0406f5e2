"""The compactor function: the maintenance run, on a schedule and when an operator asks for it.

An operator's `{}` asks for all collections, `{"CollectionId": "staff"}` for one; then no duty is
put off. `Forget` removes a person first (see `functions.forgetting`).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions import forgetting
from functions.runtime import emf, memory, scratch, storage
from semblance import errors
from semblance.contract import metrics
from semblance.embedding.codec import Codec
from semblance.gallery.gallery import MemoryGallery
from semblance.maintenance import duties, renewing, survey, sweeping
from semblance.maintenance.maintenance import Maintenance
from semblance.maintenance.survey import Survey
from semblance.model.gallery import Collection
from semblance.protocol import shapes
from semblance.stores.tombstones import Tombstone

logger = Logger()

_SCHEDULED = "aws.events"
_LAST_SECONDS = 20
"""Reserved to end in good order before Lambda's time-out."""


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return respond(event, context, maintenance())


@cache
def maintenance() -> Maintenance:
    """Needs no engine: maintenance works on stored embeddings and sees no picture."""
    return Maintenance(
        stores=storage.stores(),
        snapshots=storage.snapshots(),
        galleries={model_id: _gallery(codec) for model_id, codec in storage.codecs().items()},
        directory=scratch.directory(),
        clock=time.time,
    )


def _gallery(codec: Codec) -> MemoryGallery:
    """Each may take all of the memory: a visit leaves none of them with a collection."""
    stores = storage.stores()
    return MemoryGallery(
        codec=codec,
        embeddings=stores.faces.embeddings,
        users=stores.users.all,
        changes=stores.feed.since,
        snapshots=partial(storage.snapshots().fetch, codec=codec),
        clock=time.time,
        budget_bytes=memory.for_collections(),
    )


def respond(
    event: dict[str, Any], context: LambdaContext, maintenance: Maintenance
) -> dict[str, Any]:
    """An operator gets failures in the report; on schedule, a failure fails the function."""
    emf.emit_cold_start(context)
    is_scheduled = event.get("source") == _SCHEDULED

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000 - _LAST_SECONDS

    try:
        if "Forget" in event:
            return forgetting.respond(event, maintenance, seconds_left)
        found = _survey(maintenance, event)
    except errors.ServiceError as error:
        return {"Error": {"Code": error.code, "Message": str(error)}}
    run = Run(maintenance, found, thorough=not is_scheduled, seconds_left=seconds_left)
    run.all()
    report = run.report()
    if is_scheduled:
        _measure(found, run, maintenance.clock())
        if run.failed:
            raise RuntimeError(f"not compacted, the log says why: {len(run.failed)}")
    return report


def _survey(maintenance: Maintenance, event: dict[str, Any]) -> Survey:
    if "CollectionId" not in event:
        return survey.everything(maintenance)
    return survey.of_one(maintenance, shapes.parse_value("CollectionId", event["CollectionId"]))


@dataclass(slots=True)
class Run:
    maintenance: Maintenance
    survey: Survey
    thorough: bool
    seconds_left: Callable[[], float]
    compacted: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)

    def all(self) -> None:
        """Deleted collections are to be swept within the hour. While others wait for their visit,
        sweeping takes at most half of the time."""
        for uid in self.survey.orphans():
            self._try(uid, partial(sweeping.delete_copies, self.maintenance, uid))
        half = self.seconds_left() / 2
        self._sweep(lambda: self.seconds_left() > half)
        for collection in self.survey.collections:
            self._compact(collection)
        self._sweep(lambda: self.seconds_left() > 0)

    def report(self) -> dict[str, Any]:
        return {
            "Compacted": self.compacted,
            "Left": self.left,
            "Failed": self.failed,
            "Erased": len(self.erased),
            "Erasing": len(self.erasing()),
        }

    def erasing(self) -> list[Tombstone]:
        return [each for each in self.survey.tombstones if each.uid not in self.erased]

    def _sweep(self, go_on: Callable[[], bool]) -> None:
        failed = {each["What"] for each in self.failed}
        for each in self.erasing():
            if each.uid in failed or not go_on():
                continue
            if self._try(each.uid, partial(sweeping.sweep, self.maintenance, each, go_on)):
                logger.info("erased", uid=each.uid)
                self.erased.append(each.uid)

    def _compact(self, collection: Collection) -> None:
        if self.seconds_left() < renewing.seconds_needed(collection.face_count):
            self.left.append(collection.id)
            return
        started = time.perf_counter()
        work = partial(
            duties.visit_collection,
            self.maintenance,
            collection,
            self.survey,
            thorough=self.thorough,
            seconds_left=self.seconds_left,
        )
        done = self._try(collection.id, work)
        if done is not None:
            line = _line(collection, done, time.perf_counter() - started)
            logger.info("compacted", **line)
            self.compacted.append(line)

    def _try(self, name: str, work: Callable[[], Any]) -> Any:
        """The result of `work`, or None: a collection that fails keeps no other waiting."""
        try:
            return work()
        except Exception as error:
            logger.exception("not compacted", extra={"what": name})
            self.failed.append({"What": name, "Error": f"{type(error).__name__}: {error}"})
            return None


def _line(collection: Collection, done: duties.Done, seconds: float) -> dict[str, Any]:
    counts = {True: "right", False: "corrected", None: None}[done.counts_were_right]
    return {
        "collection": collection.id,
        "retired": done.retired,
        "scrubbed": done.scrubbed,
        "expired": done.expired,
        "counts": counts,
        "snapshot_faces": done.snapshot and done.snapshot.faces,
        "snapshot_bytes": done.snapshot and done.snapshot.size_bytes,
        "seconds": round(seconds, 2),
    }


def _measure(found: Survey, run: Run, now: float) -> None:
    written = sum(each["snapshot_faces"] is not None for each in run.compacted)
    visits = [_last_visit(found, each) for each in found.collections]
    deletions = [each.deleted_at for each in run.erasing()]
    emf.emit(
        {
            metrics.SNAPSHOTS_WRITTEN: written,
            metrics.COMPACTION_AGE: max(0.0, now - min(visits, default=now)),
            metrics.ERASURE_AGE: max(0.0, now - min(deletions, default=now)),
        }
    )


def _last_visit(found: Survey, collection: Collection) -> float:
    known = found.last_visits.get(collection.uid)
    return known.tried_ms / 1000 if known else collection.created_at
