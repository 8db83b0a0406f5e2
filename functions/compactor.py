"""The compactor function: by the clock for all collections, and whenever somebody asks for it.

`{}` asks for all, `{"CollectionId": "staff"}` for one. Then nothing that could wait is put off.
With `Forget` a person is erased first (see `functions.forgetting`).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions import forgetting
from functions.runtime import clients, emf, memory, scratch
from functions.runtime.snapshots import bucket
from semblance import errors
from semblance.contract import metrics
from semblance.embedding import codec
from semblance.gallery.gallery import Gallery
from semblance.maintenance import duties, renewing, survey, sweeping
from semblance.maintenance.maintenance import Compactor
from semblance.maintenance.survey import Survey
from semblance.model.gallery import Collection
from semblance.protocol import shapes
from semblance.stores.changes import ChangeFeed, ChangeWriter
from semblance.stores.collections import CollectionTable
from semblance.stores.counts import Counts
from semblance.stores.deleting import Deleter
from semblance.stores.faces import FaceTable
from semblance.stores.scrubbing import ChangeScrubber
from semblance.stores.tokens import TokenTable
from semblance.stores.tombstones import Erasure, Erasures
from semblance.stores.users import UserTable
from semblance.stores.visits import TurnTable

logger = Logger()

_SCHEDULED = "aws.events"
_LAST_SECONDS = 20
"""To end in good order before Lambda ends it."""


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return respond(event, context, compactor())


@cache
def compactor() -> Compactor:
    """No model: what is in the table has been through it."""
    table, writer = clients.table(), ChangeWriter(time.time)
    feed, deleter = ChangeFeed(table), Deleter(table)
    faces = FaceTable(table, writer, encode=codec.encode)
    users = UserTable(table, writer, encode=codec.encode)
    return Compactor(
        collections=CollectionTable(table),
        faces=faces,
        users=users,
        tokens=TokenTable(table, time.time),
        erasures=Erasures(table, deleter),
        turns=TurnTable(table),
        feed=feed,
        scrubber=ChangeScrubber(table),
        counts=Counts(table),
        deleter=deleter,
        snapshots=bucket(),
        gallery=Gallery(
            embeddings=faces.embeddings,
            users=users.all,
            changes=feed.since,
            snapshots=bucket().fetch,
            clock=time.time,
            budget_bytes=memory.for_collections(),
        ),
        directory=scratch.directory(),
        clock=time.time,
    )


def respond(event: dict[str, Any], context: LambdaContext, compactor: Compactor) -> dict[str, Any]:
    """Who asked for it is told what failed; by the clock, a failure is one of the function's."""
    emf.emit_cold_start(context)
    by_the_clock = event.get("source") == _SCHEDULED

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000 - _LAST_SECONDS

    try:
        if "Forget" in event:
            return forgetting.respond(event, compactor, seconds_left)
        found = _survey(compactor, event)
    except errors.ServiceError as error:
        return {"Error": {"Code": error.code, "Message": str(error)}}
    run = Run(compactor, found, thorough=not by_the_clock, seconds_left=seconds_left)
    run.all()
    report = run.report()
    if by_the_clock:
        _measure(found, run, compactor.clock())
        if run.failed:
            raise RuntimeError(f"not compacted, the log says why: {len(run.failed)}")
    return report


def _survey(compactor: Compactor, event: dict[str, Any]) -> Survey:
    if "CollectionId" not in event:
        return survey.everything(compactor)
    wanted = {"CollectionId": event["CollectionId"]}
    return survey.of_one(
        compactor, shapes.parse_request("DescribeCollection", wanted)["CollectionId"]
    )


@dataclass(slots=True)
class Run:
    compactor: Compactor
    survey: Survey
    thorough: bool
    seconds_left: Callable[[], float]
    compacted: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)

    def all(self) -> None:
        """Erasure is promised within the hour; a large one takes half of the time at the most while
        collections wait."""
        for uid in self.survey.orphans():
            self._try(uid, partial(sweeping.erase_copies, self.compactor, uid))
        half = self.seconds_left() / 2
        self._erase(lambda: self.seconds_left() > half)
        for collection in self.survey.collections:
            self._compact(collection)
        self._erase(lambda: self.seconds_left() > 0)

    def report(self) -> dict[str, Any]:
        return {
            "Compacted": self.compacted,
            "Left": self.left,
            "Failed": self.failed,
            "Erased": len(self.erased),
            "Erasing": len(self.erasing()),
        }

    def erasing(self) -> list[Erasure]:
        return [each for each in self.survey.erasures if each.uid not in self.erased]

    def _erase(self, go_on: Callable[[], bool]) -> None:
        hopeless = {each["What"] for each in self.failed}
        for each in self.erasing():
            if each.uid in hopeless or not go_on():
                continue
            if self._try(each.uid, partial(sweeping.erase, self.compactor, each, go_on)):
                logger.info("erased", uid=each.uid)
                self.erased.append(each.uid)

    def _compact(self, collection: Collection) -> None:
        if self.seconds_left() < renewing.seconds_needed(collection.face_count):
            self.left.append(collection.id)
            return
        started = time.perf_counter()
        work = partial(
            duties.compact,
            self.compactor,
            collection,
            self.survey,
            thorough=self.thorough,
            seconds_left=self.seconds_left,
        )
        done = self._try(collection.id, work)
        if done is not None:
            told = _told(collection, done, time.perf_counter() - started)
            logger.info("compacted", **told)
            self.compacted.append(told)

    def _try(self, what: str, work: Callable[[], Any]) -> Any:
        """One that fails keeps no other waiting."""
        try:
            return work()
        except Exception as error:
            logger.exception("not compacted", extra={"what": what})
            self.failed.append({"What": what, "Error": f"{type(error).__name__}: {error}"})
            return None


def _told(collection: Collection, done: duties.Done, seconds: float) -> dict[str, Any]:
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
    turns = [_last_turn(found, each) for each in found.collections]
    deletions = [each.deleted_at for each in run.erasing()]
    emf.emit(
        {
            metrics.SNAPSHOTS_WRITTEN: written,
            metrics.COMPACTION_AGE: max(0.0, now - min(turns, default=now)),
            metrics.ERASURE_AGE: max(0.0, now - min(deletions, default=now)),
        }
    )


def _last_turn(found: Survey, collection: Collection) -> float:
    known = found.turns.get(collection.uid)
    return known.tried_ms / 1000 if known else collection.created_at
