"""AWS as the local cloud emulates it, in this process: without sockets, and with state to restore.

It uses MiniStack's services and not moto's, because MiniStack recognises a repeated transaction by
its ClientRequestToken, as DynamoDB does. A retry after a lost reply depends on that.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from ministack.core.responses import (  # type: ignore[import-untyped]
    AccountRegionScopedDict,
    AccountScopedDict,
)
from ministack.services import (  # type: ignore[import-untyped]
    cloudwatch_logs,
    dynamodb,
    eventbridge,
    kms,
    s3,
)

_SERVICES = {
    "cloudwatch-logs": cloudwatch_logs,
    "dynamodb": dynamodb,
    "eventbridge": eventbridge,
    "kms": kms,
    "s3": s3,
}

State = dict[tuple[str, str], Any]


@dataclass(frozen=True)
class Call:
    """One HTTP request of an AWS client."""

    service: str
    operation: str
    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The same for all tries of one call."""
        return self.headers["amz-sdk-invocation-id"]

    @property
    def is_first_try(self) -> bool:
        return self.headers["amz-sdk-request"].startswith("attempt=1")


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def to(self, url: str) -> AWSResponse:
        headers = HTTPHeaders.from_dict(self.headers)
        return AWSResponse(url, self.status, headers, _Raw(self.body))


def call_of(event_name: str, request: Any) -> Call:
    """From botocore's event `before-send.<service>.<operation>`."""
    _, service, operation = event_name.split(".")
    body = request.body.read() if hasattr(request.body, "read") else request.body or b""
    return Call(
        service,
        operation,
        request.method,
        request.url,
        {name.lower(): _text(value) for name, value in request.headers.items()},
        body.encode() if isinstance(body, str) else bytes(body),
    )


def answer(call: Call) -> Reply:
    url = urlsplit(call.url)
    body = call.body
    if "aws-chunked" in call.headers.get("content-encoding", ""):
        body = b"".join(_chunks(body))
    bucket = (url.hostname or "").partition(".s3.")[0] if ".s3." in url.netloc else ""
    status, headers, content = _finished(
        _SERVICES[call.service].handle_request(
            call.method,
            unquote(f"/{bucket}{url.path}" if bucket else url.path),
            call.headers,
            body,
            parse_qs(url.query, keep_blank_values=True),
        )
    )
    content = content.encode() if isinstance(content, str) else bytes(content or b"")
    return Reply(status, {name.lower(): str(value) for name, value in headers.items()}, content)


def state() -> State:
    return {place: copy.deepcopy(kept._data) for place, kept in _kept()}


def put_back(state: State) -> None:
    for place, kept in _kept():
        kept._data.clear()
        kept._data.update(copy.deepcopy(state[place]))


def _kept() -> Iterator[tuple[tuple[str, str], Any]]:
    for name, service in _SERVICES.items():
        for attribute, value in vars(service).items():
            if isinstance(value, AccountScopedDict | AccountRegionScopedDict):
                yield (name, attribute), value


def _finished(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("the local cloud waits")


def _chunks(body: bytes) -> Iterator[bytes]:
    rest = body
    while True:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        if not length:
            return
        yield rest[:length]
        rest = rest[length + 2 :]


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class _Raw(io.BytesIO):
    """The body as urllib3 gives it to botocore."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()
