"""The API function: an HTTP request's event in, Rekognition's JSON out.

The only place that turns an error into a reply.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from functions.runtime import audit, bootstrap, emf, proxy_event
from functions.runtime.callers import Identify, checked_by_the_gateway
from semblance import errors
from semblance.access.caller import Caller
from semblance.contract import cors, metrics
from semblance.contract.metrics import UNKNOWN
from semblance.operations import table
from semblance.protocol import wire
from semblance.service import Service

logger = Logger()

_CHARACTERS_LOGGED = 80
_TRANSIENT = {
    "ProvisionedThroughputExceededException", "RequestLimitExceeded", "SlowDown",
    "Throttling", "ThrottlingException", "TooManyRequestsException",
    "TransactionConflictException", "TransactionInProgressException",
}  # fmt: skip


@dataclass(slots=True)
class Seen:
    """The facts about a call for log, metrics and audit trail: names and counts, no content."""

    operation: str = UNKNOWN
    collection: str | None = None
    caller: Caller | None = None
    """None until the caller is identified, and for good when that is refused."""
    images: audit.Sources = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return respond(
        event,
        context,
        bootstrap.service,
        bootstrap.trail().write,
        bootstrap.identify,
        bootstrap.allowed_origins(),
    )


def respond(
    event: dict[str, Any],
    context: LambdaContext,
    service: Callable[[], Service],
    write_audit: audit.Write,
    identify: Identify = checked_by_the_gateway,
    origins: Collection[str] = (),
) -> dict[str, Any]:
    """`origins`: of pages that may read the reply."""
    # Every line that any module logs from here on carries these.
    logger.append_keys(
        request_id=proxy_event.request_id(event), lambda_request_id=context.aws_request_id
    )
    is_first = emf.emit_cold_start(context)
    started = time.perf_counter()
    seen = Seen()
    reply = answer(event, service, seen, identify)
    milliseconds = audit.milliseconds(started)
    error = reply.headers.get(wire.ERROR_HEADER)
    write_audit(_line(event, context, seen, error, milliseconds))
    logger.info(
        "answered",
        operation=seen.operation,
        target=_cut(proxy_event.header(event, wire.TARGET_HEADER))
        if seen.operation == UNKNOWN
        else None,
        collection=seen.collection,
        status=reply.status.value,
        error=error,
        duration_ms=milliseconds,
        audit_ms=round(audit.milliseconds(started) - milliseconds, 1),
        counts=seen.counts,
        cold_start=is_first,
    )
    _measure(seen, error, milliseconds)
    headers = {
        **reply.headers,
        **proxy_event.reply_headers(event),
        **cors.reply_headers(proxy_event.header(event, "origin"), origins),
    }
    return {"statusCode": reply.status.value, "headers": headers, "body": reply.body}


def answer(
    event: dict[str, Any],
    service: Callable[[], Service],
    seen: Seen | None = None,
    identify: Identify = checked_by_the_gateway,
) -> wire.Reply:
    """`service` is called only when the request needs it. Fills in `seen`."""
    seen = seen or Seen()
    try:
        target = proxy_event.header(event, wire.TARGET_HEADER)
        seen.operation = _known(target)
        try:
            seen.caller = identify(event)
        finally:
            # As at AWS, a bad operation is reported rather than a bad signature.
            name = wire.operation_name(target)
        body = wire.read_body(proxy_event.body(event))
        seen.collection = audit.collection(body)
        seen.images = audit.images(seen.operation, body)
        payload = table.call(service, name, body, seen.caller)
    except errors.ServiceError as error:
        return wire.failure(error)
    except ClientError as error:
        return wire.failure(_unplanned(error))
    except Exception:
        logger.exception("unplanned")
        return wire.failure(errors.InternalServerError())
    seen.counts = audit.counts(payload)
    return wire.success(payload)


def _line(
    event: dict[str, Any],
    context: LambdaContext,
    seen: Seen,
    error: str | None,
    milliseconds: float,
) -> audit.Line:
    return audit.of_call(
        event,
        context.aws_request_id,
        caller=seen.caller.arn if seen.caller else None,
        operation=seen.operation,
        collection=seen.collection,
        images=seen.images,
        outcome=error or audit.OK,
        counts=seen.counts,
        duration_ms=milliseconds,
    )


def _measure(seen: Seen, error: str | None, milliseconds: float) -> None:
    emf.emit({metrics.CALLS: 1, metrics.DURATION: milliseconds}, seen.operation)
    if error:
        emf.emit({metrics.REFUSALS: 1}, error)
    elif seen.operation == "IndexFaces":
        emf.emit({metrics.FACES_INDEXED: seen.counts["FaceRecords"]})
    elif seen.operation.startswith("Search"):
        emf.emit({metrics.FACES_SEARCHED: 1})


def _unplanned(error: ClientError) -> errors.ServiceError:
    if error.response["Error"]["Code"] in _TRANSIENT:
        return errors.ProvisionedThroughputExceededException()
    logger.exception("unplanned")
    return errors.InternalServerError()


def _known(target: str | None) -> str:
    try:
        name = wire.operation_name(target)
    except errors.ServiceError:
        return UNKNOWN
    return name if name in table.OPERATIONS else UNKNOWN


def _cut(text: str | None) -> str | None:
    """Only the beginning of a caller's unchecked text is logged."""
    return text and text[:_CHARACTERS_LOGGED]
