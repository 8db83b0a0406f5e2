"""An account with the stack's table and buckets, and the functions' processes that work on it."""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import boto3
from botocore.retries import quota, standard

from functions import api, worker
from functions.runtime import clients
from functions.runtime.callers import OfOwnKeys, checked_by_the_gateway
from functions.runtime.deliveries import Deliveries
from functions.runtime.proxy_event import Event
from functions.runtime.trail import Trail
from semblance.access.key_ring import KeyRing
from semblance.contract import schema
from semblance.contract.layout import result_name
from semblance.contract.schema import LONGEST_CALL_SECONDS
from semblance.photos.outcomes import Outcomes
from semblance.service import Service
from semblance.stores.access_keys import AccessKeyTable
from semblance.stores.seal import Seal
from semblance.stores.snapshot_bucket import SnapshotBucket
from semblance.stores.visits import VisitTable
from tests.faults import aws
from tests.faults.network import Network
from tests.world.account import INPUT_BUCKET, RESULTS_BUCKET, SNAPSHOTS_BUCKET, make_table
from tests.world.compacting import make_compacting
from tests.world.fakes import FakeEngine, picture
from tests.world.inbox import context, message
from tests.world.service import call, make, proxy_event

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.service_resource import Table
    from types_boto3_events import EventBridgeClient
    from types_boto3_kms import KMSClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_s3 import S3Client

REGION = "us-east-1"
"""The region that MiniStack assumes for a request that did not come through its HTTP server."""
NOW = 1_790_000_000.25
QUIET_SECONDS = 2 * LONGEST_CALL_SECONDS
"""After this time the compactor counts, and erases for good."""
_BUCKETS = (INPUT_BUCKET, RESULTS_BUCKET, SNAPSHOTS_BUCKET)
_LOG = "audit"

Item = dict[str, Any]
Handler = Callable[..., Any]
"""A handler for botocore's before-send event."""


@dataclass
class Answer:
    status: int
    body: Any

    @property
    def is_success(self) -> bool:
        return self.status == 200


@dataclass(frozen=True)
class Clients:
    """The clients of functions.runtime.clients, with the same configuration."""

    table: Table
    dynamodb: DynamoDBClient
    s3: S3Client
    events: EventBridgeClient
    kms: KMSClient
    logs: CloudWatchLogsClient

    @classmethod
    def over(cls, network: Handler) -> Clients:
        session = boto3.Session("test", "test", region_name=REGION)
        made = cls(
            table=session.resource("dynamodb", config=clients.CONFIG).Table("semblance"),
            dynamodb=session.client("dynamodb", config=clients.CONFIG),
            s3=session.client("s3", config=clients.CONFIG),
            events=session.client("events", config=clients.CONFIG),
            kms=session.client("kms", config=clients.CONFIG),
            logs=session.client("logs", config=clients.LOGS_CONFIG),
        )
        for client in made.all():
            _without_pauses(client)
            client.meta.events.register("before-send", network)
        return made

    def all(self) -> Iterator[BaseClient]:
        yield from (self.table.meta.client, self.dynamodb, self.s3)
        yield from (self.events, self.kms, self.logs)


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


class Process:
    """One process of a function; it learns of other processes through the table alone."""

    def __init__(
        self, clients: Clients, clock: Clock, uids: Iterator[str], directory: Path
    ) -> None:
        snapshots = SnapshotBucket(
            clients.s3,
            SNAPSHOTS_BUCKET,
            directory / "fetched",
            clock,
            named=lambda uid: VisitTable(clients.table).of(uid).snapshot_ms,
        )
        service = make(
            clients.table, clients.s3, clock=clock, engine=FakeEngine(), snapshots=snapshots
        )
        self._compacting = make_compacting(clients.table, clients.s3, service, snapshots, directory)
        self.service: Service = replace(service, new_uid=lambda: next(uids))
        self._outcomes = Outcomes(clients.s3, RESULTS_BUCKET, clients.events, "default")
        self._deliveries = Deliveries(clients.dynamodb, clients.table.name)
        self._trail = Trail(clients.logs, _LOG, _LOG, clock)
        self._clients = clients

    def answer(self, operation: str, request: dict[str, Any]) -> Answer:
        """Calls the api function as Lambda does."""
        headers = {"X-Amz-Target": f"RekognitionService.{operation}"}
        return self._respond(proxy_event(headers, json.dumps(request)), checked_by_the_gateway)

    def answer_to_key(self, event: Event, key_arn: str) -> Answer:
        """A call with `auth=keys`. Signatures carry the real time, so the clock is the real one."""
        settings = replace(self.service.settings, auth="keys", key_arn=key_arn)
        ring = KeyRing(
            load=AccessKeyTable(self._clients.table).all,
            open_secret=Seal(self._clients.kms, key_arn).open,
            clock=time.time,
        )
        return self._respond(event, OfOwnKeys(settings, ring, time.time))

    def _respond(self, event: Event, identify: Any) -> Answer:
        reply = api.respond(event, context(), lambda: self.service, self._trail.write, identify)
        return Answer(reply["statusCode"], json.loads(reply["body"]))

    def ask(self, operation: str, request: dict[str, Any]) -> Answer:
        """Like `answer`, but without audit and metrics."""
        return Answer(*call(self.service, f"RekognitionService.{operation}", request))

    def deliver(self, *notices: dict[str, Any]) -> Answer:
        """Delivers as SQS does. The lock expires before a redelivery: the queue waits longer."""
        event = {"Records": [message(notice) for notice in notices]}
        told = worker.respond(
            event, context(1), self.service, self._outcomes, self._deliveries, self._trail.write
        )
        return Answer(500 if told["batchItemFailures"] else 200, told)

    def compact(self) -> Answer:
        """Runs on demand. The report on a collection depends on the work of the run before."""
        try:
            told = self._compacting.run()
        except Exception as error:  # noqa: BLE001  (as Lambda reports it to the caller)
            return Answer(500, {"errorType": type(error).__name__})
        done = {"Compacted": [each["collection"] for each in told["Compacted"]]}
        return Answer(500, told) if told["Failed"] else Answer(200, done)

    def warm_up(self, collection_id: str = "staff") -> None:
        self.search(collection_id)

    def search(self, collection_id: str) -> set[str] | None:
        """The people that a search at threshold 0 finds; None when there is no such collection."""
        image = {"Bytes": _wire(picture("mallory"))}
        request = {"CollectionId": collection_id, "Image": image, "FaceMatchThreshold": 0}
        answer = self.ask("SearchFacesByImage", request | {"MaxFaces": 4096})
        if not answer.is_success:
            return None
        found = [match["Face"]["FaceId"] for match in answer.body["FaceMatches"]]
        assert len(set(found)) == len(found), "a face is found twice"
        return set(found)

    def search_users(self, collection_id: str) -> set[str] | None:
        image = {"Bytes": _wire(picture("mallory"))}
        request = {"CollectionId": collection_id, "Image": image, "UserMatchThreshold": 0}
        answer = self.ask("SearchUsersByImage", request | {"MaxUsers": 500})
        if not answer.is_success:
            return None
        return {match["User"]["UserId"] for match in answer.body["UserMatches"]}


@dataclass
class World:
    """Made once; `begin` empties it."""

    network: Network = field(default_factory=Network)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.clients = Clients.over(self.network)
        self._bare = aws.state()
        self._directory = TemporaryDirectory()
        self._uids = itertools.count(1)

    def close(self) -> None:
        self._directory.cleanup()

    def begin(self) -> None:
        aws.put_back(self._bare)
        self.clock.now = NOW
        self._uids = itertools.count(1)
        session = boto3.Session("test", "test", region_name=REGION)
        dynamodb = session.resource("dynamodb")
        network: Handler = self.network
        dynamodb.meta.client.meta.events.register("before-send", network)
        make_table(dynamodb)
        self.clients.logs.create_log_group(logGroupName=_LOG)
        self.clients.logs.create_log_stream(logGroupName=_LOG, logStreamName=_LOG)
        for bucket in _BUCKETS:
            self.clients.s3.create_bucket(Bucket=bucket)
        self.clients.s3.put_bucket_versioning(
            Bucket=INPUT_BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )

    def process(self) -> Process:
        return Process(self.clients, self.clock, self._new_uids(), Path(self._directory.name))

    def go_back_to(self, state: aws.State, *, now: float, uids: int) -> None:
        aws.put_back(state)
        self.network.events.clear()
        self.clock.now = now
        self._uids = itertools.count(uids)

    def items(self) -> list[Item]:
        reply = self.clients.table.scan(ConsistentRead=True)
        items = list(reply["Items"])
        while "LastEvaluatedKey" in reply:
            reply = self.clients.table.scan(ExclusiveStartKey=reply["LastEvaluatedKey"])
            items += reply["Items"]
        return items

    def put(self, key: str, content: bytes) -> dict[str, Any]:
        """Puts a photo into the input bucket and returns S3's notice of it."""
        reply = self.clients.s3.put_object(Bucket=INPUT_BUCKET, Key=key, Body=content)
        found = {
            "key": key,
            "eTag": reply["ETag"].strip('"'),
            "versionId": reply["VersionId"],
            "sequencer": f"{next(self._uids):016X}",
        }
        place = {"bucket": {"name": INPUT_BUCKET}, "object": found}
        return {"Records": [{"eventName": "ObjectCreated:Put", "s3": place}]}

    def told_of(self, notice: dict[str, Any]) -> dict[str, Any]:
        """The result of a photo, and its last event."""
        key = notice["Records"][0]["s3"]["object"]["key"]
        reply = self.clients.s3.get_object(Bucket=RESULTS_BUCKET, Key=result_name(key))
        events = [json.loads(event["Detail"]) for event in self.network.events]
        return {
            "result": json.load(reply["Body"]),
            "event": [event for event in events if event["Image"]["Name"] == key][-1:],
        }

    def _new_uids(self) -> Iterator[str]:
        """The same uids in every run, so that face ids are the same too."""
        return (f"00000000-0000-4000-8000-{next(self._uids):012x}" for _ in itertools.count())


def kind_of(item: Item) -> str:
    return str(item[schema.PARTITION_KEY]).partition("#")[0]


def _wire(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _without_pauses(client: BaseClient) -> None:
    """botocore's standard retries without pauses and without a quota."""
    name = client.meta.service_model.service_id.hyphenize()
    # The stubs of botocore differ from its code in these three.
    unlimited: Any = standard.RetryQuotaChecker(quota.RetryQuota(initial_capacity=10**9))
    config: Any = client.meta.config
    handler: Any = standard.RetryHandler(
        retry_policy=standard.RetryPolicy(
            retry_checker=standard.StandardRetryConditions(
                max_attempts=config.retries["total_max_attempts"]
            ),
            retry_backoff=_NoPause(),
        ),
        retry_event_adapter=standard.RetryEventAdapter(),
        retry_quota=unlimited,
    )
    event, unique_id = f"needs-retry.{name}", f"retry-config-{name}"
    client.meta.events.unregister(event, unique_id=unique_id)
    client.meta.events.register(event, handler.needs_retry, unique_id=unique_id)


class _NoPause(standard.BaseRetryBackoff):
    def delay_amount(self, context: Any) -> float:
        return 0.0
