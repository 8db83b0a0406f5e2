"""The worker function: photos that were dropped into the input bucket, told of through SQS."""

from collections.abc import Iterator
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

from functions import bootstrap
from semblance.operations import photos
from semblance.service import Service
from semblance.stores.outcomes import Outcomes

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return respond(event, context, bootstrap.service(), bootstrap.outcomes())


def respond(
    event: dict[str, Any], context: LambdaContext, service: Service, outcomes: Outcomes
) -> Any:
    """Names the messages that SQS shall deliver again; after three times the queue gives up."""

    def process(record: SQSRecord) -> None:
        for photo in _photos(record.json_body):
            _process(photo, service, outcomes)

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, process, processor, context)


def _photos(notification: dict[str, Any]) -> Iterator[photos.Photo]:
    """None in the test event that S3 sends when the notification is set up."""
    for entry in S3Event(notification).records if "Records" in notification else ():
        found = entry.s3.get_object
        yield photos.Photo(entry.s3.bucket.name, unquote_plus(found.key), found.version_id)


def _process(photo: photos.Photo, service: Service, outcomes: Outcomes) -> None:
    try:
        kind, outcome = photos.process(service, photo)
        outcomes.deliver(photo.key, kind, outcome)
    except Exception:
        logger.exception("not processed", key=photo.key, version=photo.version)
        raise
    logger.info("processed", key=photo.key, version=photo.version, outcome=kind)
