"""The AWS JSON 1.1 protocol, as Rekognition uses it: target header, body, replies and errors.

See https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NoReturn

from semblance import errors

CONTENT_TYPE = "application/x-amz-json-1.1"
TARGET_HEADER = "x-amz-target"
ERROR_HEADER = "x-amzn-ErrorType"
TARGET_PREFIX = "RekognitionService."


@dataclass(frozen=True, slots=True)
class Reply:
    status: HTTPStatus
    headers: dict[str, str]
    body: str


def operation_name(target: str | None) -> str:
    """The operation that an X-Amz-Target header names, known or not. Raises
    UnknownOperationException when the header is missing or names another service."""
    if not target or not target.startswith(TARGET_PREFIX):
        raise errors.UnknownOperationException(
            f"The X-Amz-Target header must be {TARGET_PREFIX}<Operation>"
        )
    return target.removeprefix(TARGET_PREFIX)


def read_body(text: str | bytes) -> object:
    """The body's JSON value. An empty body is an empty request, so that the reply names each
    missing member. Raises SerializationException."""
    if not text:
        return {}
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as exc:
        raise errors.SerializationException("The body is not valid JSON") from exc


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(constant)


def success(payload: dict[str, Any]) -> Reply:
    return _reply(HTTPStatus.OK, payload)


def failure(error: errors.ServiceError) -> Reply:
    """SDKs read the error code from `__type` in the body; the header is for other clients."""
    reply = _reply(error.status, _error_body(error))
    reply.headers[ERROR_HEADER] = error.code
    return reply


def _error_body(error: errors.ServiceError) -> dict[str, str]:
    if isinstance(error, errors.ProtocolError):
        return {"__type": error.code, "message": str(error)}
    return {"__type": error.code, "Code": error.code, "Message": str(error)}


def _reply(status: HTTPStatus, payload: dict[str, Any]) -> Reply:
    """Without x-amzn-RequestId, which the gateway or the handler adds."""
    headers = {"Content-Type": CONTENT_TYPE}
    return Reply(status, headers, json.dumps(payload, separators=(",", ":"), allow_nan=False))
