"""What became of a photo: a JSON object in the results bucket and an event on EventBridge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_s3 import S3Client

_SOURCE = "semblance"
_MOST_EVENT_BYTES = 200 * 1024
"""EventBridge takes 256 KB an entry, its envelope included."""


class Outcomes:
    def __init__(
        self, s3: S3Client, bucket: str, events: EventBridgeClient, event_bus: str
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._events = events
        self._event_bus = event_bus

    def deliver(self, key: str, kind: str, outcome: dict[str, Any]) -> None:
        """The object first: whoever gets the event finds it there. Both may come twice."""
        result_key = f"results/{key}.json"
        body = json.dumps({"Outcome": kind, **outcome}, indent=2).encode()
        self._s3.put_object(
            Bucket=self._bucket, Key=result_key, Body=body, ContentType="application/json"
        )
        self._announce(kind, outcome | {"Result": {"Bucket": self._bucket, "Name": result_key}})

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
