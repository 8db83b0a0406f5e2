"""The compactor function of a deployment, invoked by the commands `compact` and `forget`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from botocore.config import Config

from semblance_cli.problems import CommandError

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

OUTPUT = "CompactorFunction"
"""The stack's output that names it."""

_LONGEST_RUN_SECONDS = 900
CONFIG = Config(
    connect_timeout=10,
    read_timeout=_LONGEST_RUN_SECONDS + 30,
    retries={"total_max_attempts": 1},  # a retry would begin a second run beside the first
    tcp_keepalive=True,
)
"""Of a client that waits as long as a run can take."""


class Compacted(TypedDict):
    """One collection."""

    collection: str
    retired: int
    scrubbed: int
    expired: int
    seconds: float
    counts: str | None
    snapshot_faces: int | None
    snapshot_bytes: int | None


class Failure(TypedDict):
    What: str
    Error: str


class Run(TypedDict):
    """The reply to an event without `Forget`."""

    Compacted: list[Compacted]
    Left: list[str]
    """Collections that the run had no time for."""
    Failed: list[Failure]
    Erased: int
    """Deleted collections of which nothing is left."""
    Erasing: int
    """Deleted collections that are to be swept once more."""


class Place(TypedDict):
    Place: str
    LookedAt: int
    Found: int
    Erased: NotRequired[int]
    """Objects of a bucket that were deleted or rewritten."""


class Removed(TypedDict):
    Faces: int
    Users: int
    Tokens: int


class Forgotten(TypedDict):
    """The reply to an event with `Forget`."""

    CollectionId: str
    FaceIds: list[str]
    ExternalImageIds: list[str]
    Erased: Removed
    Places: list[Place]
    BareIdsUntil: str
    Clean: bool


def compact(client: LambdaClient, function: str, collection: str | None = None) -> Run:
    """Raises CommandError."""
    run: Run = _invoke(client, function, {"CollectionId": collection} if collection else {})
    return run


def forget(
    client: LambdaClient, function: str, collection: str, person: dict[str, Any]
) -> Forgotten:
    """Raises CommandError."""
    event = {"CollectionId": collection, "Forget": person}
    forgotten: Forgotten = _invoke(client, function, event)
    return forgotten


def _invoke(client: LambdaClient, function: str, event: dict[str, Any]) -> Any:
    reply = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
    answer = json.load(reply["Payload"])
    if "FunctionError" in reply:
        raise CommandError(
            f"{function} failed before its end: {answer.get('errorMessage', answer)}. Its finished "
            "work stays done; its log has the details."
        )
    if "Error" in answer:
        raise CommandError(answer["Error"]["Message"])
    return answer
