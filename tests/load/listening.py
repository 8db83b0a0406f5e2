"""Collects the events of a deployment, through a rule that puts them into a queue."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NotRequired, TypedDict

from tests.load.target import Image
from tools.local.cloud import Deployment

if TYPE_CHECKING:
    from types_boto3_rekognition.type_defs import FaceRecordTypeDef
    from types_boto3_sqs import SQSClient

_NAME = "event-load"


class Detail(TypedDict):
    """The members of an event's detail that are checked."""

    Image: Image
    CollectionId: NotRequired[str]
    FaceRecords: "NotRequired[list[FaceRecordTypeDef]]"


Event = TypedDict("Event", {"detail-type": str, "detail": Detail})
Listen = Callable[[], list[Event]]


@contextmanager
def listening(deployment: Deployment) -> Iterator[Listen]:
    """Yields a function that returns the events since its last call."""
    sqs, bus = deployment.client("sqs"), deployment.client("events")
    url = sqs.create_queue(QueueName=_NAME)["QueueUrl"]
    arn = _open_to_events(sqs, url)
    bus.put_rule(Name=_NAME, EventPattern=json.dumps({"source": ["semblance"]}))
    bus.put_targets(Rule=_NAME, Targets=[{"Id": "queue", "Arn": arn}])
    try:
        yield lambda: list(_received(sqs, url))
    finally:
        bus.remove_targets(Rule=_NAME, Ids=["queue"])
        bus.delete_rule(Name=_NAME)
        sqs.delete_queue(QueueUrl=url)


def _open_to_events(sqs: "SQSClient", url: str) -> str:
    """Let EventBridge send to the queue; returns the queue's ARN."""
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": attributes["QueueArn"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return attributes["QueueArn"]


def _received(sqs: "SQSClient", url: str) -> Iterator[Event]:
    while messages := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
    ).get("Messages"):
        for message in messages:
            yield json.loads(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
