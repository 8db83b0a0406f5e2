"""A compactor over the tests' table and bucket, with access to every stored byte."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from functions import compactor as function
from semblance.embedding.codec import Codec, pack
from semblance.gallery.gallery import MemoryGallery
from semblance.maintenance.maintenance import Maintenance
from semblance.model.detected import Box
from semblance.model.gallery import Face
from semblance.service import Service
from semblance.stores.opening import open_stores
from semblance.stores.snapshot_bucket import SnapshotBucket
from tests.world.fakes import CODEC, embedding_of
from tests.world.inbox import context

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table
    from types_boto3_s3 import S3Client

BY_THE_CLOCK = {"source": "aws.events", "detail-type": "Scheduled Event"}
FEW = 3
"""The number of faces from which a collection has a snapshot in these tests."""


@dataclass
class Compacting:
    table: Table
    s3: S3Client
    service: Service
    maintenance: Maintenance

    def run(self, event: dict[str, Any] | None = None, *, seconds: float = 900) -> dict[str, Any]:
        return function.respond(event or {}, context(int(seconds * 1000)), self.maintenance)

    def by_the_clock(self, *, seconds: float = 900) -> dict[str, Any]:
        return self.run(BY_THE_CLOCK, seconds=seconds)

    def uid(self, collection_id: str) -> str:
        return self.service.collections.get(collection_id).uid

    def items(self, *beginnings: str) -> list[dict[str, Any]]:
        """The items of the partitions with these prefixes."""
        found: list[dict[str, Any]] = []
        start: dict[str, Any] = {}
        while True:
            reply = self.table.scan(**start)
            found += reply["Items"]
            if "LastEvaluatedKey" not in reply:
                return [each for each in found if each["pk"].startswith(beginnings)]
            start = {"ExclusiveStartKey": reply["LastEvaluatedKey"]}

    def items_of(self, uid: str) -> list[dict[str, Any]]:
        return [each for each in self.items("") if uid in each["pk"] + each["sk"]]

    def objects(self) -> dict[str, bytes]:
        bucket = self.service.settings.snapshots_bucket
        listed = self.s3.list_objects_v2(Bucket=bucket).get("Contents", ())
        return {
            each["Key"]: self.s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
            for each in listed
        }

    def holds(self, *needles: bytes) -> bool:
        """Whether any stored item or object contains any of these bytes."""
        haystack = list(self.objects().values())
        haystack += [raw for item in self.items("") for raw in _binaries(item)]
        return any(needle in straw for straw in haystack for needle in needles)


def make_compacting(
    table: Table,
    s3: S3Client,
    service: Service,
    snapshots: SnapshotBucket,
    path: Path,
    others: Mapping[str, Codec] = MappingProxyType({}),
) -> Compacting:
    """`others`: the codecs of other models than the service's, by model id."""
    own = service.engine.codec
    stores = open_stores(table, codec=own, others=others, clock=service.clock)

    def gallery(codec: Codec) -> MemoryGallery:
        return MemoryGallery(
            codec=codec,
            embeddings=stores.faces.embeddings,
            users=stores.users.all,
            changes=stores.feed.since,
            snapshots=partial(snapshots.fetch, codec=codec),
            clock=service.clock,
            budget_bytes=64 * 2**20,
        )

    return Compacting(
        table,
        s3,
        service,
        Maintenance(
            stores=stores,
            snapshots=snapshots,
            galleries={codec.model_id: gallery(codec) for codec in (*others.values(), own)},
            directory=path,
            clock=service.clock,
            fewest_faces=FEW,
        ),
    )


def vectors_of(person: str) -> tuple[bytes, bytes]:
    """The embedding as stored, and its code in the gallery."""
    packed = pack(embedding_of(person))
    return packed, CODEC.encode(packed)


def stored_face(number: int) -> Face:
    """One of many faces, as IndexFaces would store it."""
    face_id = f"{number:032x}"
    return Face(
        id=f"{face_id[:8]}-{face_id[8:12]}-{face_id[12:16]}-{face_id[16:20]}-{face_id[20:]}",
        image_id="image",
        box=Box(0.1, 0.1, 0.2, 0.2),
        confidence=99.0,
        indexed_at=1_790_000_000.0,
        embedding=pack(embedding_of(str(number))),
    )


_READS = ("Get", "Head", "List", "Query")


class Killed(BaseException):
    """A kill by Lambda: nothing of the process runs afterwards, and it makes no more calls."""


@contextmanager
def dying(clients: list[Any], *, after: int) -> Iterator[Death]:
    """Kills the process after this many writing calls, before it gets the reply of the last one.
    A kill just before the next write, or at a read, would leave the same state."""
    death = Death(after)
    for client in clients:
        client.meta.events.register("before-call", death.before, "dying-before")
        client.meta.events.register("after-call", death.after, "dying-after")
    try:
        yield death
    finally:
        for client in clients:
            client.meta.events.unregister("before-call", unique_id="dying-before")
            client.meta.events.unregister("after-call", unique_id="dying-after")


class Death:
    def __init__(self, calls: int) -> None:
        self._left = calls
        self._lock = threading.Lock()

    @property
    def has_come(self) -> bool:
        return self._left <= 0

    def before(self, **_: Any) -> None:
        if self.has_come:
            raise Killed

    def after(self, model: Any, **_: Any) -> None:
        if model.name.startswith(_READS):
            return
        with self._lock:
            self._left -= 1
        if self.has_come:
            raise Killed


def _binaries(value: Any) -> Iterator[bytes]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _binaries(each)
    elif hasattr(value, "value"):
        yield bytes(value)
