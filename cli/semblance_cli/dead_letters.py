"""The dead-letter queue: notices of photos that five tries could not process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from botocore.exceptions import ClientError

from semblance_cli.problems import code_of

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

_LOOK_SECONDS = 120
"""How long a message is hidden while it is listed. `all` shows it again as soon as it is done."""
_CANNOT_MOVE = {
    "AWS.SimpleQueueService.UnsupportedOperation", "InvalidAction", "UnsupportedOperation",
    "UnknownOperationException",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    handle: str
    body: str
    tries: int
    sent_at: float

    @property
    def photos(self) -> list[tuple[str, str]]:
        """(key, version) of each."""
        try:
            entries = json.loads(self.body)["Records"]
            found = [entry["s3"]["object"] for entry in entries]
        except (ValueError, KeyError, TypeError):
            return [("(not a notice from S3)", "")]
        return [(unquote_plus(each["key"]), each.get("versionId", "")) for each in found]


@dataclass(frozen=True, slots=True)
class DeadLetters:
    sqs: SQSClient
    url: str
    queue_url: str
    """Of the queue that they came from."""

    def all(self) -> list[Letter]:
        """Shows them again once all were seen, so that none is met twice."""
        letters = list(self._receive())
        for letter in letters:
            self.sqs.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=letter.handle, VisibilityTimeout=0
            )
        return letters

    def redrive(self) -> int | None:
        """How many were moved back to the queue; None when SQS has begun to move them itself."""
        try:
            self.sqs.start_message_move_task(
                SourceArn=self._arn(self.url), DestinationArn=self._arn(self.queue_url)
            )
        except ClientError as error:
            if code_of(error) not in _CANNOT_MOVE:
                raise
            return sum(map(self._move, self._receive()))
        return None

    def _move(self, letter: Letter) -> bool:
        """Sent before it is deleted: a notice that is in the queue twice is processed once."""
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=letter.body)
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=letter.handle)
        return True

    def _receive(self) -> Iterator[Letter]:
        while messages := self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=_LOOK_SECONDS,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
        ).get("Messages"):
            for message in messages:
                attributes = message["Attributes"]
                yield Letter(
                    handle=message["ReceiptHandle"],
                    body=message["Body"],
                    tries=int(attributes["ApproximateReceiveCount"]),
                    sent_at=int(attributes["SentTimestamp"]) / 1000,
                )

    def _arn(self, url: str) -> str:
        reply = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return reply["Attributes"]["QueueArn"]
