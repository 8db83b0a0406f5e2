"""The input bucket: photos put there, announced as by S3 through SQS, and processed."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus

from functions import worker
from functions.runtime import audit
from functions.runtime.deliveries import Deliveries
from semblance.contract.layout import result_name
from semblance.photos.outcomes import Outcomes
from semblance.service import Service
from tests.schemas import assert_is_event, assert_is_result

_numbers = itertools.count(1)


def context(remaining_ms: int = 60_000) -> Any:
    """`remaining_ms` is the time until Lambda kills the function."""
    return SimpleNamespace(
        function_name="worker",
        memory_limit_in_mb=3008,
        invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:worker",
        aws_request_id="request",
        get_remaining_time_in_millis=lambda: remaining_ms,
    )


class EventBus:
    """The part of EventBridge that is used here: moto cannot return the events that it was sent."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.refusing = False
        self.before_put: Callable[[], None] | None = None

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        if self.before_put:
            self.before_put()
        if self.refusing:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}
        for entry in Entries:
            assert_is_event(
                {
                    "source": entry["Source"],
                    "detail-type": entry["DetailType"],
                    "detail": json.loads(entry["Detail"]),
                }
            )
        self.entries += Entries
        return {"FailedEntryCount": 0, "Entries": [{} for _ in Entries]}

    @property
    def details(self) -> list[dict[str, Any]]:
        return [json.loads(entry["Detail"]) for entry in self.entries]


@dataclass
class Inbox:
    s3: Any
    service: Service
    dynamodb: Any
    bus: EventBus = field(default_factory=EventBus)
    audited: list[audit.Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.deliveries = Deliveries(self.dynamodb, self.service.settings.table_name)

    def drop(self, photos: dict[str, bytes], metadata: dict[str, str] | None = None) -> Any:
        """Drops all photos in one batch and returns the worker's answer."""
        return self.deliver(*(self.put(key, photo, metadata) for key, photo in photos.items()))

    def put(self, key: str, photo: bytes, metadata: dict[str, str] | None = None) -> dict[str, Any]:
        """Puts the photo and returns S3's notice of it."""
        bucket = self.service.settings.input_bucket
        reply = self.s3.put_object(Bucket=bucket, Key=key, Body=photo, Metadata=metadata or {})
        return self.notice(key, version=reply.get("VersionId"), etag=reply["ETag"])

    def notice(self, key: str, *, version: str | None = None, etag: str = '""') -> dict[str, Any]:
        found = {"key": quote_plus(key), "eTag": etag.strip('"')}
        found["sequencer"] = f"{next(_numbers):016X}"
        if version is not None:
            found["versionId"] = version
        place = {"bucket": {"name": self.service.settings.input_bucket}, "object": found}
        return {"Records": [{"eventName": "ObjectCreated:Put", "s3": place}]}

    def deliver(self, *notifications: dict[str, Any], remaining_ms: int = 60_000) -> Any:
        return self.work([message(each) for each in notifications], remaining_ms)

    def work(self, messages: list[dict[str, Any]], remaining_ms: int = 60_000) -> Any:
        event = {"Records": messages}
        results = self.service.settings.results_bucket
        outcomes = Outcomes(self.s3, results, self.bus, "default")  # type: ignore[arg-type]
        return worker.respond(
            event,
            context(remaining_ms),
            self.service,
            outcomes,
            self.deliveries,
            self.audited.append,
        )

    def result(self, key: str) -> dict[str, Any]:
        bucket = self.service.settings.results_bucket
        result = json.load(self.s3.get_object(Bucket=bucket, Key=result_name(key))["Body"])
        assert_is_result(result)
        return result


def message(body: dict[str, Any]) -> dict[str, Any]:
    """An SQS message whose id is the photo's key, so that tests recognise it."""
    records = body.get("Records", [])
    return {
        "messageId": records[0]["s3"]["object"]["key"] if records else "no photo",
        "receiptHandle": "handle",
        "body": json.dumps(body),
        "attributes": {"SentTimestamp": "1790000000000", "ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:photos",
        "awsRegion": "eu-west-1",
    }


ALL_DONE: dict[str, Any] = {"batchItemFailures": []}


def failed(*keys: str) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": quote_plus(key)} for key in keys]}
