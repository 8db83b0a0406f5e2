"""The API function: a proxy event of API Gateway in, Rekognition's JSON out.

The only place that turns an error into a reply.
"""

import base64
import time
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from functions import bootstrap
from semblance import errors, wire
from semblance.operations import table
from semblance.service import Service

logger = Logger()

_PASSING = {
    "ProvisionedThroughputExceededException", "RequestLimitExceeded", "SlowDown",
    "Throttling", "ThrottlingException", "TooManyRequestsException",
    "TransactionConflictException", "TransactionInProgressException",
}  # fmt: skip


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    started = time.perf_counter()
    reply = answer(event, bootstrap.service)
    logger.info(
        "answered",
        request_id=_request_id(event),
        lambda_request_id=context.aws_request_id,
        target=_header(event, wire.TARGET_HEADER),
        status=reply.status.value,
        error=reply.headers.get(wire.ERROR_HEADER),
        duration_ms=round((time.perf_counter() - started) * 1000, 1),
    )
    return {"statusCode": reply.status.value, "headers": reply.headers, "body": reply.body}


def answer(event: dict[str, Any], service: Callable[[], Service]) -> wire.Reply:
    """`service` is called once the request turns out to need it."""
    request_id = _request_id(event)
    try:
        name = wire.operation_name(_header(event, wire.TARGET_HEADER))
        payload = table.call(service, name, wire.read_body(_body(event)))
    except errors.ServiceError as error:
        return wire.failure(error)
    except ClientError as error:
        return wire.failure(_unplanned(error, request_id))
    except Exception:
        logger.exception("unplanned", request_id=request_id)
        return wire.failure(errors.InternalServerError())
    return wire.success(payload)


def _unplanned(error: ClientError, request_id: str) -> errors.ServiceError:
    if error.response["Error"]["Code"] in _PASSING:
        return errors.ProvisionedThroughputExceededException()
    logger.exception("unplanned", request_id=request_id)
    return errors.InternalServerError()


def _request_id(event: dict[str, Any]) -> str:
    return str(event["requestContext"]["requestId"])


def _header(event: dict[str, Any], name: str) -> str | None:
    headers = event.get("headers") or {}
    return next((value for key, value in headers.items() if key.lower() == name), None)


def _body(event: dict[str, Any]) -> str | bytes:
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body
