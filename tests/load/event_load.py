"""Photos dropped all at once, duplicates, poison and faults among them: each must count once.

`python -m tests.load.event_load [--photos 1000]` deploys to a local cloud of its own,
with IAM enforced, and says what is wrong and how long it took.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from semblance.client import sign_for_api_gateway
from tests.load.drops import INDEXED, Drop, Plan, plan
from tools.dead_letters import DeadLetters
from tools.local.cloud import Deployment, LocalCloud
from tools.local.emulator import Emulator, free_port
from tools.terminal import console, step, unwind_on_signals

_PUTS_AT_ONCE = 8
_VISIBILITY_SECONDS = 30
"""In place of 12 minutes: above what a batch takes, so that a try is not counted while it runs."""
_SOON_SECONDS = 2
_PAUSE_SECONDS = 0.5
_OPTIONS = {"quality-filter": "NONE", "max-faces": "1"}
"""What is seen in the background of a portrait must not be counted."""


@dataclass
class Report:
    photos: int
    put_seconds: float = 0.0
    seconds: float = 0.0
    """From the first put to the last result, without those of the two faults."""
    outcomes: Counter[str] = field(default_factory=Counter)
    faces: int = 0
    events: int = 0
    doubled_events: int = 0
    dead_letters: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Load:
    def __init__(self, deployment: Deployment, collection: str, planned: Plan) -> None:
        self._s3 = deployment.client("s3")
        self._sqs = deployment.client("sqs")
        self._rekognition = sign_for_api_gateway(deployment.client("rekognition"))
        self._input, self._results = deployment.input_bucket, deployment.results_bucket
        self._queue = deployment.outputs["QueueUrl"]
        dead = deployment.outputs["DeadLetterQueueUrl"]
        self.dead_letters = DeadLetters(self._sqs, dead, self._queue)
        self._collection, self._plan = collection, planned
        self._versions: dict[str, str] = {}

    def run(self, events: Callable[[], list[dict[str, Any]]], timeout_seconds: float) -> Report:
        report = Report(len(self._plan.at_once) + len(self._plan.later) + 2)
        self._rekognition.create_collection(CollectionId=self._collection)
        with self._visibility():
            with self._denied(self._plan.denied.key):
                self._drop(report)
                self._await_results(report, timeout_seconds)
                if self._plan.denied.key in self._with_result():
                    report.problems.append("the photo that may not be read has a result")
            self._set_visibility(_SOON_SECONDS)
            self._await(self._is_drained, 2 * _VISIBILITY_SECONDS + timeout_seconds / 4)
        self._check(report, events())
        return report

    def _drop(self, report: Report) -> None:
        self._started = time.monotonic()
        gone = self._put(self._plan.vanishing)
        self._s3.delete_object(Bucket=self._input, Key=self._plan.vanishing.key, VersionId=gone)
        with ThreadPoolExecutor(_PUTS_AT_ONCE) as pool:
            for drops in (self._plan.at_once, [*self._plan.later, self._plan.denied]):
                list(pool.map(self._put, drops))
        report.put_seconds = time.monotonic() - self._started

    def _put(self, drop: Drop) -> str:
        reply = self._s3.put_object(
            Bucket=self._input, Key=drop.key, Body=drop.content, Metadata=_OPTIONS
        )
        self._versions[drop.key] = reply["VersionId"]
        return str(reply["VersionId"])

    # Faults

    @contextmanager
    def _denied(self, key: str) -> Iterator[None]:
        """The worker may not read this one, for a while."""
        policy = self._s3.get_bucket_policy(Bucket=self._input)["Policy"]
        denial = {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": f"arn:aws:s3:::{self._input}/{key}",
        }
        changed = json.loads(policy)
        changed["Statement"].append(denial)
        self._s3.put_bucket_policy(Bucket=self._input, Policy=json.dumps(changed))
        try:
            yield
        finally:
            self._s3.put_bucket_policy(Bucket=self._input, Policy=policy)

    @contextmanager
    def _visibility(self) -> Iterator[None]:
        name = "VisibilityTimeout"
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=[name])
        self._set_visibility(_VISIBILITY_SECONDS)
        try:
            yield
        finally:
            self._set_visibility(int(attributes["Attributes"][name]))

    def _set_visibility(self, seconds: int) -> None:
        self._sqs.set_queue_attributes(
            QueueUrl=self._queue, Attributes={"VisibilityTimeout": str(seconds)}
        )

    # Waiting

    def _await_results(self, report: Report, timeout_seconds: float) -> None:
        """Of all but the faults, and of the versions that were put last."""
        wanted = self._plan.standing.keys() - {self._plan.denied.key}
        self._await(lambda: wanted <= self._with_result(), timeout_seconds)
        self._await(lambda: self._waiting() <= 2, timeout_seconds)
        report.seconds = time.monotonic() - self._started

    def _await(self, done: Callable[[], bool], timeout_seconds: float) -> None:
        """Returns when the time is over, too: the checks say what is missing."""
        ends = time.monotonic() + timeout_seconds
        while not done() and time.monotonic() < ends:
            time.sleep(_PAUSE_SECONDS)

    def _is_drained(self) -> bool:
        return self._waiting() == 0

    def _waiting(self) -> int:
        """In the queue, hidden ones included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        reply = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=names)
        return sum(int(reply["Attributes"][name]) for name in names)

    def _with_result(self) -> set[str]:
        return {
            each["Key"].removeprefix("results/").removesuffix(".json")
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._results)
            for each in page.get("Contents", ())
        }

    # Checking

    def _check(self, report: Report, events: list[dict[str, Any]]) -> None:
        self._check_results(report)
        self._check_events(report, events)
        self._check_faces(report, events)
        if self._waiting():
            report.problems.append(f"{self._waiting()} messages are left in the queue")
        letters = [key for letter in self.dead_letters.all() for key, _ in letter.photos]
        report.dead_letters = [key for key in letters if key in self._versions]
        if report.dead_letters != [self._plan.vanishing.key]:
            report.problems.append(f"dead letters: {report.dead_letters}")

    def _check_results(self, report: Report) -> None:
        there = self._with_result()
        for key, drop in self._plan.standing.items():
            if key not in there:
                report.problems.append(f"no result: {key}")
                continue
            name = f"results/{key}.json"
            result = json.load(self._s3.get_object(Bucket=self._results, Key=name)["Body"])
            report.outcomes[result["Outcome"]] += 1
            if result["Outcome"] != drop.outcome:
                report.problems.append(f"{result['Outcome']}, not {drop.outcome}: {key}")
            if result["Image"]["Version"] != self._versions[key]:
                report.problems.append(f"the result is not of the last version: {key}")
        if self._plan.vanishing.key in there:
            report.problems.append("the photo that was gone has a result")

    def _check_events(self, report: Report, events: list[dict[str, Any]]) -> None:
        told = Counter(
            (event["detail"]["Image"]["Name"], event["detail"]["Image"]["Version"])
            for event in events
            if event["detail"]["Image"]["Name"] in self._versions
        )
        report.events = told.total()
        report.doubled_events = report.events - len(told)
        if len(told) != report.photos - 1:
            report.problems.append(f"{len(told)} versions have an event, not {report.photos - 1}")

    def _check_faces(self, report: Report, events: list[dict[str, Any]]) -> None:
        pages = self._rekognition.get_paginator("list_faces").paginate(
            CollectionId=self._collection, PaginationConfig={"PageSize": 1000}
        )
        stored = [face["FaceId"] for page in pages for face in page["Faces"]]
        told = {
            record["Face"]["FaceId"]
            for event in events
            if event["detail-type"] == INDEXED
            and event["detail"]["CollectionId"] == self._collection
            for record in event["detail"]["FaceRecords"]
        }
        described = self._rekognition.describe_collection(CollectionId=self._collection)
        report.faces = len(stored)
        expected = len(self._plan.indexed)
        counts = {len(stored), len(set(stored)), len(told), described["FaceCount"], expected}
        if counts != {expected} or set(stored) != told:
            report.problems.append(
                f"{expected} faces were to be indexed; {len(stored)} are stored, {len(set(stored))}"
                f" of them different, {len(told)} told of, {described['FaceCount']} counted"
            )


@contextmanager
def heard(deployment: Deployment) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """A function: all events of ours since then, for a rule puts them into a queue."""
    sqs, bus = deployment.client("sqs"), deployment.client("events")
    url = sqs.create_queue(QueueName="event-load")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    bus.put_rule(Name="event-load", EventPattern=json.dumps({"source": ["semblance"]}))
    bus.put_targets(Rule="event-load", Targets=[{"Id": "queue", "Arn": arn}])

    def all_of_them() -> list[dict[str, Any]]:
        events = []
        while messages := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        ).get("Messages"):
            for message in messages:
                events.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return events

    try:
        yield all_of_them
    finally:
        bus.remove_targets(Rule="event-load", Ids=["queue"])
        bus.delete_rule(Name="event-load")
        sqs.delete_queue(QueueUrl=url)


def run(
    deployment: Deployment, collection: str, *, photos: int, timeout_seconds: float
) -> tuple[Report, list[dict[str, Any]]]:
    """What came of it, and all the events."""
    events: list[dict[str, Any]] = []
    with heard(deployment) as all_of_them:

        def listen() -> list[dict[str, Any]]:
            events.extend(all_of_them())
            return events

        report = Load(deployment, collection, plan(collection, photos)).run(listen, timeout_seconds)
    return report, events


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.event_load", description=__doc__)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2, help="at a time (default: %(default)s)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as directory:
        emulator = Emulator(directory=Path(directory) / "cloud", port=free_port(), iam=True)
        choices = {"worker_max_concurrency": str(options.workers)}
        title = f"{options.photos} photos dropped at once"
        with LocalCloud(emulator, step, choices) as deployment, step(title):
            patience = max(120, options.photos)
            report, _ = run(deployment, "load", photos=options.photos, timeout_seconds=patience)
    say(report)
    return bool(report.problems)


def say(report: Report) -> None:
    rate = report.photos / report.seconds
    console.print(f"put in {report.put_seconds:.1f} s")
    console.print(f"all results after {report.seconds:.1f} s, {rate:.1f} photos a second")
    for outcome, number in sorted(report.outcomes.items()):
        console.print(f"{outcome}: {number}")
    console.print(f"faces stored: {report.faces}")
    console.print(f"events: {report.events}, {report.doubled_events} of them a second time")
    console.print(f"dead letters: {', '.join(report.dead_letters) or 'none'}")
    for problem in report.problems:
        console.print(f"[bold red]wrong:[/] {problem}")


if __name__ == "__main__":
    unwind_on_signals()
    sys.exit(main())
