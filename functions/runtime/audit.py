"""The audit trail's lines: who asked for what, of which collection, and how it ended."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from functions.runtime import proxy_event
from semblance import errors
from semblance.contract.metrics import UNKNOWN
from semblance.photos.processing import OPERATION_OF
from semblance.protocol import shapes

if TYPE_CHECKING:
    from semblance.photos.dropped_photo import DroppedPhoto

API, PHOTO = "api", "photo"
OK = "OK"
BYTES = "bytes"

_CHARACTERS_TOLD = 128
_CREDENTIAL = re.compile(r"\bCredential=([A-Z0-9]{16,32})/")
"""Of an access key id, which has no small letters: a secret put there by mistake has some."""

Sources = Mapping[str, str | Mapping[str, str]]
Write = Callable[["Line"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is told of one call; null where there is nothing to tell. No member of it may hold a
    picture, a vector or a secret. `docs/audit.md` is made of what is said here."""

    time: str
    """When the call came: API Gateway's clock, or the worker's when it began with the photo. UTC,
    `2026-01-31T12:00:00.000Z`."""

    way: str
    """`api`, or `photo` for one that was dropped into the input bucket."""

    request_id: str
    """What the caller got as `x-amzn-RequestId`, which callers may choose; of a photo, the id of
    its message in the queue. At most 128 characters."""

    lambda_request_id: str
    """Lambda's own, which nobody can choose: the function's log has it in every line, and the
    access log as `lambdaRequestId`. Photos of one batch share it."""

    caller: str | None
    """The ARN of whoever signed the call, which has been verified; of a photo, the ARN of the input
    bucket, whose event it is. Null: nobody is known, since the signature was refused or with
    `auth=none`."""

    claimed_key: str | None = None
    """Where nobody is known: the id of the access key that the call claims to be signed with."""

    put_by: str | None = None
    """Of a photo: the principal id that S3 names as having put it there."""

    operation: str
    """One of the operations answered here, else `Unknown`. A photo under `search/` is a
    SearchFacesByImage, one under `index/` an IndexFaces."""

    collection: str | None = None
    """The collection id that was asked for, if it is one that the service model allows."""

    images: Sources = field(default_factory=dict)
    """Where each picture of the request came from, by member: `bytes`, or `bucket`, `key` and, if
    one was asked for, `version`. A place that the service model does not allow is left out."""

    outcome: str
    """`OK`, or the code of the error that was answered. A photo that failed, and will be tried
    again, has the code of a fault."""

    counts: Mapping[str, int] = field(default_factory=dict)
    """How many entries each list of the reply has: `{"FaceMatches": 2}`. Of a photo that was
    searched, `FaceMatches` are those of all its faces."""

    duration_ms: float
    """In the function, without the writing of this line."""

    def to_json(self) -> str:
        """One line of ASCII, whatever a caller has put into names."""
        return json.dumps(asdict(self), separators=(",", ":"))


def of_call(
    event: dict[str, Any], lambda_request_id: str, *, caller: str | None, **seen: Any
) -> Line:
    """Of a proxy event of API Gateway."""
    context = event["requestContext"]
    return Line(
        time=_utc((context.get("requestTimeEpoch") or time.time() * 1000) / 1000),
        way=API,
        request_id=str(context["requestId"])[:_CHARACTERS_TOLD],
        lambda_request_id=lambda_request_id,
        caller=caller,
        claimed_key=None if caller else _claimed_key(event),
        **seen,
    )


def of_photo(photo: DroppedPhoto, *, partition: str, began: float, **seen: Any) -> Line:
    """`began`: epoch seconds."""
    place = {"bucket": photo.bucket, "key": photo.key, "version": photo.version}
    return Line(
        time=_utc(began),
        way=PHOTO,
        caller=f"arn:{partition}:s3:::{photo.bucket}",
        put_by=photo.put_by,
        operation=OPERATION_OF.get(photo.parts.task, UNKNOWN),
        collection=collection({"CollectionId": photo.parts.collection_id}),
        images={"Image": {name: each for name, each in place.items() if each is not None}},
        **seen,
    )


def collection(body: object) -> str | None:
    """The id that is asked for, if it can be one; a body may hold anything."""
    if isinstance(body, dict) and isinstance(arn := body.get("ResourceArn"), str):
        body = {"CollectionId": arn.rpartition("/")[2]}
    if not isinstance(body, dict):
        return None
    try:
        return str(shapes.parse_value("CollectionId", body.get("CollectionId")))
    except errors.ServiceError:
        return None


def images(operation: str, body: object) -> Sources:
    """Where the request's pictures come from, member by member; the body may hold anything."""
    if not isinstance(body, dict) or not shapes.is_operation(operation):
        return {}
    shape = shapes.operation(operation).input_shape
    members = shape.members.items() if shape else ()
    asked = {name: _source(body.get(name)) for name, each in members if each.name == "Image"}
    return {name: source for name, source in asked.items() if source}


def _source(image: object) -> str | Mapping[str, str] | None:
    if not isinstance(image, dict):
        return None
    if image.get("S3Object") is None:
        return BYTES if "Bytes" in image else None
    try:
        place = shapes.parse_value("S3Object", image["S3Object"])
    except errors.ServiceError:
        return None
    names = {"Bucket": "bucket", "Name": "key", "Version": "version"}
    return {names[member]: value for member, value in place.items()}


def _claimed_key(event: dict[str, Any]) -> str | None:
    claim = _CREDENTIAL.search(proxy_event.header(event, "authorization") or "")
    return claim[1] if claim else None


def code_of(error: Exception) -> str:
    return error.code if isinstance(error, errors.ServiceError) else "InternalServerError"


def counts(reply: Mapping[str, Any]) -> dict[str, int]:
    """Of a photo that was searched also what its faces match, all together."""
    found = {member: len(value) for member, value in reply.items() if isinstance(value, list)}
    matches = [face["FaceMatches"] for face in reply.get("Faces", ()) if "FaceMatches" in face]
    return found | ({"FaceMatches": sum(map(len, matches))} if matches else {})


def milliseconds(started: float) -> float:
    """Since then, on `time.perf_counter`."""
    return round((time.perf_counter() - started) * 1000, 1)


def _utc(seconds: float) -> str:
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
