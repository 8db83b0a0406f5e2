"""Removes everything that a run makes, and the leftovers of runs that were killed."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

PREFIX = "semblance-check-"
"""Names of everything that a run makes begin with it; the time of the run follows."""
_NAME = re.compile(rf"{PREFIX}(\d{{10}})-[0-9a-f]{{8}}")
_FAULT = 500
LONGEST_RUN_SECONDS = 900
"""A younger name may belong to a run that goes on elsewhere."""


def new_name() -> str:
    return f"{PREFIX}{int(time.time()):010d}-{secrets.token_hex(4)}"


def is_leftover(name: str) -> bool:
    found = _NAME.search(name)
    return found is not None and time.time() - int(found[1]) > LONGEST_RUN_SECONDS


def run_of(name: str) -> str:
    """The run's name inside a longer one, such as the key of an object."""
    found = _NAME.search(name)
    return found[0] if found else ""


class Cleanup:
    """Steps in the order in which things were made; they run in reverse."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, Callable[[], object]]] = []

    def add(self, what: str, step: Callable[[], object]) -> None:
        """Before the thing is made, so that an interruption right after leaves nothing. Each step
        must succeed if there is nothing to remove."""
        self._steps.append((what, step))

    @contextmanager
    def making(self, what: str, step: Callable[[], object]) -> Iterator[None]:
        """Around the making: takes the step back if AWS refuses, so that nobody hears of leftovers
        that he was not allowed to make. After an interruption the step stays."""
        self.add(what, step)
        entry = self._steps[-1]
        try:
            yield
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < _FAULT:
                self._steps.remove(entry)
            raise

    def run(self) -> list[str]:
        """Runs every step, even after one has failed. Returns what is left, each with its error."""
        left = []
        while self._steps:
            what, step = self._steps.pop()
            try:
                step()
            except (BotoCoreError, ClientError) as error:
                left.append(f"{what} ({error})")
        return left


def empty(s3: Any, bucket: str, prefix: str) -> None:
    """Deletes all versions of all objects with the prefix."""
    delete(s3, bucket, versions(s3, bucket, prefix))


def delete(s3: Any, bucket: str, found: Iterable[dict[str, str]]) -> None:
    """One request an object: a run makes a handful."""
    for each in found:
        s3.delete_object(Bucket=bucket, **each)


def versions(s3: Any, bucket: str, prefix: str) -> list[dict[str, str]]:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    return [
        {"Key": each["Key"], "VersionId": each["VersionId"]}
        for page in pages
        for kind in ("Versions", "DeleteMarkers")
        for each in page.get(kind, ())
    ]


def remove_rule(events: Any, bus: str, rule: str) -> None:
    try:
        targets = events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
        if targets:
            ids = [each["Id"] for each in targets]
            events.remove_targets(Rule=rule, EventBusName=bus, Ids=ids)
        events.delete_rule(Name=rule, EventBusName=bus)
    except events.exceptions.ResourceNotFoundException:
        return


def remove_queue(sqs: Any, name: str) -> None:
    try:
        sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])
    except sqs.exceptions.QueueDoesNotExist:
        return
