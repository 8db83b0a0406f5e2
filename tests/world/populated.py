"""A world with collections, faces, users, tags and objects, the same before each request."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from functions import api
from semblance.contract import schema
from semblance.service import Service
from semblance.stores.snapshot_bucket import SnapshotBucket
from tests.schemas import assert_is_audit
from tests.world.account import INPUT_BUCKET, REGION, SNAPSHOTS_BUCKET
from tests.world.fakes import FakeEngine, picture
from tests.world.service import Clock, make, proxy_event

TARGET = "RekognitionService."
CONTEXT: Any = SimpleNamespace(aws_request_id="of-lambda", function_name="the-api-function")
NOWHERE = "00000000-0000-4000-8000-000000000000"

READS = ("BatchGet", "Get", "Head", "Query", "Scan")
"""Of DynamoDB and S3; that it takes any other call for a write costs time and misses nothing."""

Item = dict[str, Any]


@dataclass(frozen=True)
class World:
    """`staff` has three faces, one of them of the user `ann`, and tags; `empty` has nothing."""

    table: Any
    s3: Any
    face_ids: list[str]
    tokens: list[str]
    """Real ones, each good for a listing of this world."""
    writes: list[str]
    """What was asked of AWS beyond reading since the last time that all was restored."""

    @classmethod
    def populated(cls, table: Any, s3: Any) -> "World":
        world = cls(table, s3, [], [], [])
        world._populate()
        for client in (table.meta.client, s3):
            client.meta.events.register("before-call", world._note)
        return world

    def call(
        self, operation: str, body: object, service: Service | None = None
    ) -> tuple[int, dict[str, Any]]:
        """By a service that has just started, so that no example lives off another's gallery."""
        text = body if isinstance(body, str) else json.dumps(body)
        event = proxy_event({"X-Amz-Target": TARGET + operation}, text)
        reply = api.respond(
            event, CONTEXT, lambda: service or self.service(), write_audit=assert_is_audit
        )
        return reply["statusCode"], json.loads(reply["body"])

    def stored(self) -> dict[tuple[str, str], Item]:
        items: list[Item] = []
        start: dict[str, Any] = {}
        while True:
            page = self.table.scan(ConsistentRead=True, **start)
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                return {(item[schema.PARTITION_KEY], item[schema.SORT_KEY]): item for item in items}
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    @cached_property
    def original(self) -> dict[tuple[str, str], Item]:
        return self.stored()

    def restored(self) -> bool:
        """Whether anything had to be: whether the requests since the last time stored anything.
        A look at the whole table is dear, and needless after requests that wrote nothing."""
        if not self.writes:
            return False
        stored = self.stored()
        changed = stored != self.original
        if changed:
            self._rewrite(stored)
        self.writes.clear()
        return changed

    def _rewrite(self, stored: dict[tuple[str, str], Item]) -> None:
        with self.table.batch_writer() as batch:
            for partition, sort in stored.keys() - self.original.keys():
                batch.delete_item(Key={schema.PARTITION_KEY: partition, schema.SORT_KEY: sort})
            for item in self.original.values():
                batch.put_item(Item=item)

    def _note(self, model: Any, **_: Any) -> None:
        if not model.name.startswith(READS):
            self.writes.append(model.name)

    def service(self) -> Service:
        clock = Clock()
        none_yet = SnapshotBucket(self.s3, SNAPSHOTS_BUCKET, Path("fetched"), clock)
        return make(self.table, self.s3, clock=clock, engine=FakeEngine(), snapshots=none_yet)

    def _populate(self) -> None:
        for bucket in (INPUT_BUCKET, SNAPSHOTS_BUCKET):
            self.s3.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
        self.s3.put_object(Bucket=INPUT_BUCKET, Key="ann", Body=picture("ann"))
        self.s3.put_object(Bucket=INPUT_BUCKET, Key="text", Body=b"no picture")
        self._done("CreateCollection", {"CollectionId": "staff"})
        self._index("ann", picture("ann"))
        self._index("pair", picture("bob", "ann", shot=1))
        self._done("CreateCollection", {"CollectionId": "empty"})
        arn = f"arn:aws:rekognition:{REGION}:123456789012:collection/staff"
        self._done("TagResource", {"ResourceArn": arn, "Tags": {"team": "door"}})
        for user_id in ("ann", "nobody-yet"):
            user = {"CollectionId": "staff", "UserId": user_id}
            self._done("CreateUser", user | {"ClientRequestToken": f"made-{user_id}"})
        ann = {"CollectionId": "staff", "UserId": "ann", "FaceIds": self.face_ids[:1]}
        self._done("AssociateFaces", ann)
        for listing in ("ListCollections", "ListFaces", "ListUsers"):
            scope = {} if listing == "ListCollections" else {"CollectionId": "staff"}
            reply = self._done(listing, scope | {"MaxResults": 1})
            self.tokens.append(reply["NextToken"])

    def _index(self, name: str, content: bytes) -> None:
        self.s3.put_object(Bucket=INPUT_BUCKET, Key=f"indexed/{name}", Body=content)
        place = {"Bucket": INPUT_BUCKET, "Name": f"indexed/{name}"}
        reply = self._done("IndexFaces", {"CollectionId": "staff", "Image": {"S3Object": place}})
        self.face_ids.extend(record["Face"]["FaceId"] for record in reply["FaceRecords"])

    def _done(self, operation: str, body: object) -> dict[str, Any]:
        status, reply = self.call(operation, body)
        assert status == 200, reply
        return reply
