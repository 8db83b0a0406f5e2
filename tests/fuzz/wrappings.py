"""The event around a request's body that API Gateway makes of a caller's headers."""

from __future__ import annotations

import base64
import random
from typing import Any

from semblance.protocol import shapes
from tests.fuzz import hostile
from tests.world.populated import TARGET
from tests.world.service import from_function_url, from_http_api

Event = dict[str, Any]


def plain(operation: str, body: str | bytes) -> Event:
    return _event({"X-Amz-Target": TARGET + operation}, body)


def wrapped(luck: random.Random, operation: str, body: str) -> tuple[str, Event]:
    event = plain(operation, body)
    name = luck.choice(list(_WAYS))
    _WAYS[name](luck, operation, event)
    return name, event


def _event(headers: dict[str, Any], body: str | bytes) -> Event:
    """The event of API Gateway's REST API. Bytes that are no text come in base64."""
    encoded = isinstance(body, bytes)
    return {
        "resource": "/",
        "path": "/",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/x-amz-json-1.1", **headers},
        "requestContext": {"requestId": "of-the-gateway", "stage": "v1", "path": "/v1/"},
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": encoded,
    }


def _target(luck: random.Random, operation: str, event: Event) -> None:
    event["headers"]["X-Amz-Target"] = luck.choice(
        [
            "", " ", ".", TARGET, TARGET.rstrip("."), operation, f"{TARGET}{operation} ",
            f" {TARGET}{operation}", f"{TARGET}{operation.lower()}", f"{TARGET}{operation}\x00",
            f"{TARGET}{operation}.{operation}", f"RekognitionService_20160627.{operation}",
            f"DynamoDB_20120810.{operation}", f"{TARGET}__class__", f"{TARGET}call", f"{TARGET}../",
            TARGET + operation * 5000, TARGET + luck.choice(hostile.TEXTS),
            TARGET + luck.choice(sorted(shapes.service_model().operation_names)),
        ]
    )  # fmt: skip


def _no_target(luck: random.Random, operation: str, event: Event) -> None:
    event["headers"] = luck.choice([{}, None, {"X-Amz-Target ": TARGET + operation}])


def _spelling(luck: random.Random, operation: str, event: Event) -> None:
    """HTTP/2 allows only lower case; and a header may occur twice in different case."""
    name = luck.choice(("x-amz-target", "X-AMZ-TARGET", "x-Amz-tARGET"))
    second = {luck.choice((name, name.upper())): luck.choice(hostile.TEXTS)}
    event["headers"] = {name: TARGET + operation} | luck.choice(({}, second))


def _more_headers(luck: random.Random, operation: str, event: Event) -> None:
    for _ in range(luck.choice((1, 3, 200))):
        event["headers"][luck.choice(_HEADERS)] = luck.choice(hostile.TEXTS)


_HEADERS = (
    "Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256", "Content-Type",
    "Content-Length", "Content-Encoding", "Transfer-Encoding", "Host", "X-Forwarded-For",
    "X-Amzn-Trace-Id", "Accept", "Expect", "X-HTTP-Method-Override", "Cookie", "", " ", "\x00", "ä",
)  # fmt: skip


def _way(luck: random.Random, operation: str, event: Event) -> None:
    """Another method or path, which a REST API refuses before it invokes the function."""
    event["httpMethod"] = luck.choice(("GET", "HEAD", "PUT", "OPTIONS", "PATCH", ""))
    event["path"] = luck.choice(("/", "//", "/../", "/ä", "/%00", "", "/" + "a" * 8000))


def _no_body(luck: random.Random, operation: str, event: Event) -> None:
    event["body"] = luck.choice((None, ""))
    event["isBase64Encoded"] = luck.choice((True, False))


def _format(luck: random.Random, operation: str, event: Event) -> None:
    """The HTTP API's event, or that of a function URL."""
    other = luck.choice((from_http_api, from_function_url))(event)
    event.clear()
    event.update(other)


_WAYS = {
    "target": _target,
    "no target": _no_target,
    "spelling": _spelling,
    "more headers": _more_headers,
    "method and path": _way,
    "no body": _no_body,
    "format": _format,
}
