"""The audit trail's lines: caller, operation, collection and outcome of every call and photo."""

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

_LONGEST_ID = 128
_CREDENTIAL = re.compile(r"\bCredential=([A-Z0-9]{16,32})/")
"""An access key id has no small letters; a secret put there by mistake has some."""

Sources = Mapping[str, str | Mapping[str, str]]
Write = Callable[["Line"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One call or photo; a member without a value is null. No member may hold a picture, a vector
    or a secret. `docs/audit.md` is generated from the docstrings of these fields."""

    time: str
    """When the call arrived, by API Gateway's clock, or when the worker began with the photo. UTC,
    `2026-01-31T12:00:00.000Z`."""

    way: str
    """`api` for a call, `photo` for a photo dropped into the input bucket."""

    request_id: str
    """The call's `x-amzn-RequestId`, which callers may choose; for a photo, the id of its message
    in the queue. At most 128 characters."""

    lambda_request_id: str
    """Lambda's request id, which nobody can choose: the function's log has it in every line, and
    the access log as `lambdaRequestId`. Photos of one batch share it."""

    caller: str | None
    """The ARN of the caller, whose signature has been verified; for a photo, the ARN of the input
    bucket, which sent the event. Null when the signature was refused, and with `auth=none`."""

    claimed_key: str | None = None
    """When `caller` is null: the id of the access key with which the call claims to be signed."""

    put_by: str | None = None
    """For a photo: the principal id of its uploader, as S3 reports it."""

    operation: str
    """One of the operations answered here, else `Unknown`. A photo under `search/` is a
    SearchFacesByImage, one under `index/` an IndexFaces."""

    collection: str | None = None
    """The collection id in the request, if the service model allows it."""

    images: Sources = field(default_factory=dict)
    """Where each picture of the request came from, by member: `bytes`, or `bucket`, `key` and, if
    the request names one, `version`. A place that the service model does not allow is left out."""

    outcome: str
    """`OK`, or the code of the error in the reply. A photo that failed and will be tried again has
    the code of a fault."""

    counts: Mapping[str, int] = field(default_factory=dict)
    """The number of entries in each list of the reply: `{"FaceMatches": 2}`. For a photo that was
    searched, `FaceMatches` counts the matches of all its faces."""

    duration_ms: float
    """Time in the function, without the writing of this line."""

    def to_json(self) -> str:
        """One line of ASCII, even if a caller puts line breaks into names."""
        return json.dumps(asdict(self), separators=(",", ":"))


def of_call(
    event: dict[str, Any], lambda_request_id: str, *, caller: str | None, **seen: Any
) -> Line:
    """The line of a call. `event`: API Gateway's proxy event."""
    return Line(
        time=_utc(proxy_event.arrived(event) or time.time()),
        way=API,
        request_id=proxy_event.request_id(event)[:_LONGEST_ID],
        lambda_request_id=lambda_request_id,
        caller=caller,
        claimed_key=None if caller else _claimed_key(event),
        **seen,
    )


def of_photo(photo: DroppedPhoto, *, partition: str, began: float, **seen: Any) -> Line:
    """The line of a photo. `began`: epoch seconds."""
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
    """The request's collection id, if it is well-formed; the body may hold anything."""
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
    members = shapes.request_shape(operation).members.items()
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
    """The number of entries in each list, and of the matches of all faces of a searched photo."""
    found = {member: len(value) for member, value in reply.items() if isinstance(value, list)}
    matches = [face["FaceMatches"] for face in reply.get("Faces", ()) if "FaceMatches" in face]
    return found | ({"FaceMatches": sum(map(len, matches))} if matches else {})


def milliseconds(started: float) -> float:
    """The time since `started`, a value of `time.perf_counter`."""
    return round((time.perf_counter() - started) * 1000, 1)


def _utc(seconds: float) -> str:
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
