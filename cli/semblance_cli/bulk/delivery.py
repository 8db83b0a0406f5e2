"""A folder's photos on their way: which of them to send, sending them, waiting for the results.

The command stores nothing of its own between runs. It looks at the deployment: the collection's
faces, the photos in the input bucket with a checksum in their metadata, and the results.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from semblance.contract.layout import external_image_id, result_name
from semblance.model import ids
from semblance_cli.bulk.collection import Known
from semblance_cli.bulk.mailbox import CONTENT, Listed, Mailbox, Stamp
from semblance_cli.bulk.photo_files import PhotoFile
from semblance_cli.problems import status_of

if TYPE_CHECKING:
    from semblance_cli.bulk.results import Result

_LEAST_PAUSE_S = 0.2
_READ_AT_ONCE = 10
_OPTIONS = {"face-match-threshold", "max-faces", "quality-filter"}
"""The metadata of a photo that the worker reads."""
_FAULT = 500


class State(Enum):
    TO_SEND = auto()
    WAITING = auto()
    """Sent, now or by an earlier run, and without a result."""
    ANSWERED = auto()
    INDEXED_BEFORE = auto()
    """Its faces are in the collection; photo and result may have expired since."""
    FAILED = auto()


@dataclass(slots=True)
class Item:
    photo: PhotoFile
    key: str
    state: State = State.TO_SEND
    version: str | None = None
    stamp: Stamp | None = None
    """Of the last result seen that does not answer this version."""
    result: Result | None = None
    problem: str | None = None
    earlier: bool = False
    """Answered before this run."""
    _digest: str | None = None

    def digest(self) -> str:
        if self._digest is None:
            self._digest = hashlib.sha256(self.photo.path.read_bytes()).hexdigest()
        return self._digest


class Earlier(NamedTuple):
    """Photos and results of earlier runs: objects by their keys.

    List it before the collection's faces. A result that is in it was written before they were
    listed, so faces that it names and that the collection lacks have been deleted since. A result
    that comes later is awaited.
    """

    photos: Mapping[str, Listed]
    results: Mapping[str, Stamp]


def plan(
    items: list[Item],
    mailbox: Mailbox,
    earlier: Earlier,
    known: Known | None,
    metadata: Mapping[str, str],
    pool: int,
) -> Iterator[Item]:
    """Decides the state of every item, and yields each once it is decided.

    Without `known`, earlier runs do not count and all are sent.
    """

    def judge(item: Item) -> Item:
        item.stamp = earlier.results.get(result_name(item.key))
        try:
            if known is not None:
                _judge(item, earlier.photos.get(item.key), mailbox, known, metadata)
        except OSError as error:
            _fail(item, error)
        return item

    with _threads(pool) as workers:
        yield from workers.map(judge, items)


def _judge(
    item: Item, listed: Listed | None, mailbox: Mailbox, known: Known, metadata: Mapping[str, str]
) -> None:
    if _is_indexed(item, known):
        item.state = State.INDEXED_BEFORE
        return
    sent = mailbox.sent(item.key) if listed and listed.size == item.photo.size else None
    if listed is None or sent is None or sent.metadata.get(CONTENT) != item.digest():
        return
    if {name: sent.metadata[name] for name in _OPTIONS & sent.metadata.keys()} != metadata:
        return
    item.version = sent.version
    result = mailbox.result(item.key) if item.stamp else None
    if result is None or item.stamp is None or not _answers(result, item, listed.stamp.modified):
        item.state = State.WAITING
    elif not _is_void(result, item.stamp, known):
        item.state, item.result, item.earlier = State.ANSWERED, result, True


def _is_indexed(item: Item, known: Known) -> bool:
    images = known.images.get(external_image_id(item.photo.name), set())
    return bool(images) and ids.image_id(item.photo.path.read_bytes()) in images


def _answers(result: Result, item: Item, sent_at: datetime | None = None) -> bool:
    """Whether it is about this version; in a bucket without versions, whether it is younger."""
    version = result["Image"].get("Version")
    if version is not None and item.version is not None:
        return version == item.version
    return sent_at is None or item.stamp is None or item.stamp.modified >= sent_at


def _is_void(result: Result, stamp: Stamp, known: Known) -> bool:
    """Whether it is about another collection of that name, or none, or faces deleted since."""
    if stamp.modified < known.created.replace(microsecond=0):
        return True
    if "Error" in result and result["Error"]["Code"] == "ResourceNotFoundException":
        return True
    return known.indexing and bool(result.get("FaceRecords"))


@dataclass(slots=True)
class Delivery:
    """Call `run` once. The items show how far it came, also after an exception."""

    items: list[Item]
    mailbox: Mailbox
    metadata: Mapping[str, str]
    pool: int
    patience_s: float
    """How long to go on without any new result."""
    advanced: Callable[[], None] = lambda: None
    clock: Callable[[], float] = time.monotonic
    _readers: ThreadPoolExecutor = field(init=False)
    _news_at: float = field(init=False, default=0.0)

    def run(self) -> None:
        self._news_at = self.clock()
        with _threads(self.pool) as senders, _threads(self.pool) as self._readers:
            sending: set[Future[None]] = {
                senders.submit(self._send, item) for item in self._in(State.TO_SEND)
            }
            while sending or (self._in(State.WAITING) and self._is_patient()):
                started = self.clock()
                if self.patience_s:
                    self._collect(self._in(State.WAITING))
                # After a long listing comes a long pause.
                pause = max(_LEAST_PAUSE_S, 2 * (self.clock() - started))
                sending = self._watch(sending, pause)

    def _in(self, state: State) -> list[Item]:
        return [item for item in self.items if item.state is state]

    def _is_patient(self) -> bool:
        return self.clock() - self._news_at < self.patience_s

    def _news(self) -> None:
        self._news_at = self.clock()
        self.advanced()

    def _watch(self, sending: set[Future[None]], pause: float) -> set[Future[None]]:
        """The sendings that are not finished after the pause. Raises a sender's error."""
        if not sending:
            time.sleep(pause if self._in(State.WAITING) else 0)
            return sending
        done, sending = wait(sending, pause, FIRST_EXCEPTION)
        for future in done:
            future.result()
        if done:
            self._news()
        return sending

    def _send(self, item: Item) -> None:
        try:
            content = item.photo.path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            metadata = {**self.metadata, CONTENT: digest}
            item.version = self.mailbox.send(item.key, content, metadata)
        except OSError as error:
            _fail(item, error)
        except ClientError as error:
            if status_of(error) < _FAULT:
                raise
            _fail(item, error)
        else:
            item.state = State.WAITING

    def _collect(self, waiting: list[Item]) -> None:
        if not waiting:
            return
        results = self.mailbox.results()
        fresh = [
            item for item in waiting if results.get(result_name(item.key), item.stamp) != item.stamp
        ][: _READ_AT_ONCE * self.pool]
        for item, result in zip(
            fresh, self._readers.map(self.mailbox.result, (i.key for i in fresh)), strict=True
        ):
            item.stamp = results[result_name(item.key)]
            if result is not None and _answers(result, item):
                item.result, item.state = result, State.ANSWERED
        if fresh:
            self._news()


@contextmanager
def _threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """When something is raised, work under way is finished and the rest dropped."""
    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _fail(item: Item, error: Exception) -> None:
    item.problem = getattr(error, "strerror", None) or str(error)
    item.state = State.FAILED
