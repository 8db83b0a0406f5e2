"""The event of a REST API's Lambda proxy integration: headers and body of the request."""

import base64
from typing import Any

Event = dict[str, Any]


def headers(event: Event) -> list[tuple[str, str]]:
    """Every value of every header; names in lower case, since a client may use any case."""
    several = event.get("multiValueHeaders")
    if not several:
        several = {name: [value] for name, value in (event.get("headers") or {}).items()}
    return [(name.lower(), value) for name, values in several.items() for value in values]


def header(event: Event, name: str) -> str | None:
    return next((value for each, value in headers(event) if each == name), None)


def body(event: Event) -> str | bytes:
    content = event.get("body") or ""
    return base64.b64decode(content) if event.get("isBase64Encoded") else content


def has_query(event: Event) -> bool:
    return bool(event.get("multiValueQueryStringParameters") or event.get("queryStringParameters"))


def request_id(event: Event) -> str:
    return str(event["requestContext"]["requestId"])
