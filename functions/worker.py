"""The worker function: photos dropped into the input bucket, which S3 announces through SQS."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes import S3Event
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.runtime import audit, bootstrap, emf
from functions.runtime.deliveries import Deliveries
from semblance.contract import keep_active, metrics
from semblance.photos import processing
from semblance.photos.dropped_photo import DroppedPhoto
from semblance.photos.outcomes import Outcomes
from semblance.service import Service

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    if event == keep_active.EVENT:
        return {}
    return respond(
        event,
        context,
        bootstrap.service(),
        bootstrap.outcomes(),
        bootstrap.deliveries(),
        bootstrap.trail().write,
    )


def respond(
    event: dict[str, Any],
    context: LambdaContext,
    service: Service,
    outcomes: Outcomes,
    deliveries: Deliveries,
    write_audit: audit.Write,
) -> Any:
    """Names the messages that SQS is to deliver again; after five times the queue gives up."""
    emf.emit_cold_start(context)

    def process(record: SQSRecord) -> None:
        with _failure_logged(message_id=record.message_id):
            sent_ms = int(record.attributes.sent_timestamp)
            emf.emit({metrics.QUEUE_AGE: service.clock() - sent_ms / 1000})
            found = list(_photos(record.json_body))
        ids = {"request_id": record.message_id, "lambda_request_id": context.aws_request_id}
        for photo in found:
            with _failure_logged(key=photo.key, version=photo.version):
                deliveries.process_once(
                    photo.identity,
                    partial(_process, photo, service, outcomes, write_audit, ids),
                    context=context,
                    known=partial(_log, "known already", photo),
                )

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, process, processor, context)


def _photos(notification: dict[str, Any]) -> Iterator[DroppedPhoto]:
    """No photo in the test event that S3 sends when the notification is set up."""
    for entry in S3Event(notification).records if "Records" in notification else ():
        found = entry.s3.get_object
        yield DroppedPhoto(
            bucket=entry.s3.bucket.name,
            key=unquote_plus(found.key),
            version=found.version_id,
            etag=found.etag,
            sequencer=found.get("sequencer") or "",
            put_by=(entry.get("userIdentity") or {}).get("principalId"),
        )


def _process(
    photo: DroppedPhoto,
    service: Service,
    outcomes: Outcomes,
    write_audit: audit.Write,
    ids: dict[str, str],
) -> dict[str, str]:
    with _audited(write_audit, service, photo, ids) as audited:
        kind, outcome = processing.process(service, photo)
        outcomes.deliver(photo.key, photo.sequencer, kind, outcome)
        audited.update(outcome)
    _log("processed", photo, outcome=kind)
    _measure(kind, outcome)
    return {"Outcome": kind}


@contextmanager
def _audited(
    write: audit.Write, service: Service, photo: DroppedPhoto, ids: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """Writes one audit line: with the outcome that the body fills in, or the error it raises."""
    started = time.perf_counter()
    line = partial(
        audit.of_photo, photo, partition=service.settings.partition, began=service.clock(), **ids
    )
    outcome: dict[str, Any] = {}
    try:
        yield outcome
    except Exception as error:
        write(line(outcome=audit.code_of(error), duration_ms=audit.milliseconds(started)))
        raise
    write(
        line(
            outcome=outcome["Error"]["Code"] if "Error" in outcome else audit.OK,
            counts=audit.counts(outcome),
            duration_ms=audit.milliseconds(started),
        )
    )


def _measure(kind: str, outcome: dict[str, Any]) -> None:
    if kind == processing.INDEXED:
        emf.emit({metrics.FACES_INDEXED: len(outcome["FaceRecords"])})
    elif kind == processing.SEARCHED:
        emf.emit({metrics.FACES_SEARCHED: len(outcome["Faces"])})
    else:
        emf.emit({metrics.PHOTOS_REJECTED: 1}, outcome["Error"]["Code"])


@contextmanager
def _failure_logged(**fields: str | None) -> Iterator[None]:
    try:
        yield
    except Exception:
        logger.exception("not processed", extra=fields)
        raise


def _log(message: str, photo: DroppedPhoto, **fields: str) -> None:
    logger.info(message, extra={"key": photo.key, "version": photo.version, **fields})
