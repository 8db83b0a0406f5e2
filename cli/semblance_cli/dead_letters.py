"""The photos that three tries could not work on: `python -m tools.dead_letters list|redrive`.

For the account or the local cloud that the environment points to (`source .local/env`).
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.table import Table
from rich.text import Text

from semblance_cli import stack
from semblance_cli.bulk.report import console as _console
from semblance_cli.problems import complain

console = _console()

_LOOK_SECONDS = 120
"""How long a message is hidden while it is looked at. It is shown again as soon as that is over."""
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
            return [("(no word from S3)", "")]
        return [(unquote_plus(each["key"]), each.get("versionId", "")) for each in found]


@dataclass(frozen=True, slots=True)
class DeadLetters:
    sqs: Any
    url: str
    queue_url: str
    """Where they came from."""

    def all(self) -> list[Letter]:
        """Shows them again once all were seen, so that none is met twice."""
        letters = list(self._receive())
        for letter in letters:
            self.sqs.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=letter.handle, VisibilityTimeout=0
            )
        return letters

    def redrive(self) -> int | None:
        """How many went back to the queue; None when SQS does it, and goes on doing it."""
        try:
            self.sqs.start_message_move_task(
                SourceArn=self._arn(self.url), DestinationArn=self._arn(self.queue_url)
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in _CANNOT_MOVE:
                raise
            return sum(map(self._move, self._receive()))
        return None

    def _move(self, letter: Letter) -> bool:
        """Sent before it is deleted: what is in the queue twice is worked on once."""
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
                about = message["Attributes"]
                yield Letter(
                    handle=message["ReceiptHandle"],
                    body=message["Body"],
                    tries=int(about["ApproximateReceiveCount"]),
                    sent_at=int(about["SentTimestamp"]) / 1000,
                )

    def _arn(self, url: str) -> str:
        reply = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(reply["Attributes"]["QueueArn"])


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        outputs = stack.outputs(boto3.client("cloudformation"), options.stack)
        letters = DeadLetters(
            boto3.client("sqs"), outputs["DeadLetterQueueUrl"], outputs["QueueUrl"]
        )
        {"list": show, "redrive": redrive}[options.command](letters)
    except (stack.NoStackError, BotoCoreError, ClientError) as problem:
        complain(problem)
        return 1
    return 0


def show(letters: DeadLetters) -> None:
    found = letters.all()
    if not found:
        console.print("There are no dead letters.")
        return
    table = Table("key", "version", "tries", "age")
    for letter in sorted(found, key=lambda each: each.sent_at):
        for key, version in letter.photos:
            age = _age(time.time() - letter.sent_at)
            table.add_row(Text(key, overflow="fold"), Text(version), str(letter.tries), age)
    console.print(table)


def redrive(letters: DeadLetters) -> None:
    moved = letters.redrive()
    if moved is None:
        console.print("SQS is moving them back to the queue.")
    else:
        console.print(f"Moved back to the queue: {moved}")


def _age(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.dead_letters", description=__doc__)
    parser.add_argument(
        "command",
        choices=("list", "redrive"),
        help="list: key, version, tries and age of each. redrive: back to the queue with all",
    )
    stack.add_option(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
