"""The kinds of fault: what an AWS client gets instead of its call's reply."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from tests.faults.aws import Call, Reply
from tests.faults.sites import Site

_DYNAMODB = "com.amazonaws.dynamodb.v20120810#"

Take = Callable[[Call], Reply]
"""Passes the call to AWS, where it takes effect."""


class Killed(BaseException):
    """The process ended at this call. Nothing may catch it."""


@dataclass(frozen=True)
class Kind:
    name: str
    happens: Callable[[Call, Take], Reply]
    """Returns the reply of the network, or raises its error."""
    happens_to: Callable[[Site], bool] = lambda site: True
    for_good: bool = False
    """Whether the fault meets all tries of the call, and not the first alone."""
    in_child: bool = False
    """The call is made by a child process, which the operating system kills."""

    def __str__(self) -> str:
        return f"{self.name}, for good" if self.for_good else self.name


def _not_sent(call: Call, take: Take) -> Reply:
    raise EndpointConnectionError(endpoint_url=call.url, error="refused")


def _request_lost(call: Call, take: Take) -> Reply:
    raise ReadTimeoutError(endpoint_url=call.url, error="timed out")


def _reply_lost(call: Call, take: Take) -> Reply:
    take(call)
    raise ReadTimeoutError(endpoint_url=call.url, error="timed out")


def _failed(call: Call, take: Take) -> Reply:
    if call.service == "s3":
        return _xml(500, "InternalError")
    return _json(500, "InternalServerError" if call.service == "dynamodb" else "InternalFailure")


def _failed_late(call: Call, take: Take) -> Reply:
    take(call)
    return _failed(call, take)


def _throttled(call: Call, take: Take) -> Reply:
    if call.service == "s3":
        return _xml(503, "SlowDown")
    if call.service == "dynamodb":
        return _json(400, f"{_DYNAMODB}ProvisionedThroughputExceededException")
    return _json(400, "ThrottlingException")


def _put_off(call: Call, take: Take) -> Reply:
    """The call succeeds or fails as a whole; part of the request is returned as unprocessed."""
    asked = json.loads(call.body)
    if call.operation == "BatchGetItem":
        return _ok({"Responses": {}, "UnprocessedKeys": asked["RequestItems"]})
    if call.operation == "PutEvents":
        entries = [{"ErrorCode": "ThrottlingException"} for _ in asked["Entries"]]
        return _ok({"FailedEntryCount": len(entries), "Entries": entries})
    reasons = [{"Code": "None"} for _ in asked["TransactItems"]]
    reasons[0] = {"Code": "ThrottlingError", "Message": "throttled"}
    return _json(400, f"{_DYNAMODB}TransactionCanceledException", CancellationReasons=reasons)


def _cut_off(call: Call, take: Take) -> Reply:
    reply = take(call)
    length = {"content-length": str(len(reply.body))}
    return replace(reply, headers=reply.headers | length, body=reply.body[: len(reply.body) // 2])


def _killed(call: Call, take: Take) -> Reply:
    raise Killed


def _killed_late(call: Call, take: Take) -> Reply:
    take(call)
    raise Killed


def _can_be_put_off(site: Site) -> bool:
    return site.operation in ("BatchGetItem", "PutEvents", "TransactWriteItems")


def _has_a_long_reply(site: Site) -> bool:
    return site.operation == "GetObject"


PASSING = [
    Kind("not sent", _not_sent),
    Kind("request lost", _request_lost),
    Kind("reply lost", _reply_lost),
    Kind("failed before", _failed),
    Kind("failed after", _failed_late),
    Kind("throttled", _throttled),
    Kind("put off", _put_off, _can_be_put_off),
    Kind("cut off", _cut_off, _has_a_long_reply),
]
KILLS = [
    Kind("killed before", _killed),
    Kind("killed after", _killed_late),
    Kind("SIGKILL before", _killed, in_child=True),
    Kind("SIGKILL after", _killed_late, in_child=True),
]
KINDS = [
    *(version for kind in PASSING for version in (kind, replace(kind, for_good=True))),
    *KILLS,
]


def _ok(body: Any) -> Reply:
    return Reply(200, {"content-type": "application/x-amz-json-1.0"}, json.dumps(body).encode())


def _json(status: int, code: str, **more: Any) -> Reply:
    body = json.dumps({"__type": code, "message": "made up", **more}).encode()
    return Reply(status, {"content-type": "application/x-amz-json-1.0"}, body)


def _xml(status: int, code: str) -> Reply:
    body = f"<Error><Code>{code}</Code><Message>made up</Message></Error>".encode()
    return Reply(status, {"content-type": "application/xml"}, body)
