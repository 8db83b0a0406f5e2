"""The outcome of a photo: a JSON object in the results bucket and an event on EventBridge.

`docs/events.md` describes both for applications that build on them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from semblance.contract.layout import result_name

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_s3 import S3Client

_SOURCE = "semblance"
_MOST_EVENT_BYTES = 200 * 1024
"""EventBridge takes 256 KB an entry, its envelope included."""
_TRIES = 5
_SEQUENCER = "sequencer"
_CONDITION_FAILED = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
_NOT_THERE = {"403", "404"}
"""S3 answers 403 to a role that may not list the bucket."""


class Outcomes:
    def __init__(
        self, s3: S3Client, bucket: str, events: EventBridgeClient, event_bus: str
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._events = events
        self._event_bus = event_bus

    def deliver(self, key: str, sequencer: str, kind: str, outcome: dict[str, Any]) -> None:
        """Writes the object first: a receiver of the event finds it there. Both may come twice.

        When the object answers a later version of the photo, it stays, and the event has
        `Superseded`.
        """
        name = result_name(key)
        body = json.dumps({"Outcome": kind, **outcome}, indent=2).encode()
        detail = outcome | {"Result": {"Bucket": self._bucket, "Name": name}}
        if not self._write(name, body, sequencer):
            detail |= {"Superseded": True}
        self._announce(kind, detail)

    def _write(self, name: str, body: bytes, sequencer: str) -> bool:
        """Compare-and-swap, since other calls write too. False: a later version's result stays."""
        condition: Any = {"IfNoneMatch": "*"}
        for _ in range(_TRIES):
            if self._put(name, body, sequencer, condition):
                return True
            standing = self._standing(name)
            if standing is None:
                condition = {"IfNoneMatch": "*"}
            elif is_later(standing["Metadata"].get(_SEQUENCER, ""), sequencer):
                return False
            else:
                condition = {"IfMatch": standing["ETag"]}
        raise RuntimeError(f"other calls keep writing {name}")

    def _put(self, name: str, body: bytes, sequencer: str, condition: Any) -> bool:
        try:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=body,
                ContentType="application/json",
                Metadata={_SEQUENCER: sequencer},
                **condition,
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in _CONDITION_FAILED:
                raise
            return False
        return True

    def _standing(self, name: str) -> Any | None:
        try:
            return self._s3.head_object(Bucket=self._bucket, Key=name)
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in _NOT_THERE:
                raise
            return None

    def _announce(self, kind: str, outcome: dict[str, Any]) -> None:
        detail = json.dumps(outcome)
        if len(detail) > _MOST_EVENT_BYTES:
            short = {name: value for name, value in outcome.items() if not isinstance(value, list)}
            detail = json.dumps(short | {"Truncated": True})
        reply = self._events.put_events(
            Entries=[
                {
                    "Source": _SOURCE,
                    "DetailType": kind,
                    "Detail": detail,
                    "EventBusName": self._event_bus,
                }
            ]
        )
        if reply["FailedEntryCount"]:
            raise RuntimeError(f"EventBridge refused the event: {reply['Entries'][0]['ErrorCode']}")


def is_later(one: str, other: str) -> bool:
    """Of two sequencers, as S3 says to compare them: as text, the shorter one padded with zeros."""
    length = max(len(one), len(other))
    return one.upper().ljust(length, "0") > other.upper().ljust(length, "0")
