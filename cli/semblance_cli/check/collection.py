"""A collection's life through the API, from CreateCollection to DeleteCollection."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator

from semblance.contract.layout import NO_FACES
from semblance_cli.check.context import Context
from semblance_cli.check.endpoint import Answer
from semblance_cli.check.findings import Check, Group, Verdict, expect, failed, skipped

_SIDE = 320
_SAME = 99.0
"""Least similarity of a face to itself."""
_LOG = "Read the function's log for the call (docs/operating.md, Find a call)."


def no_face() -> bytes:
    """A PNG with a gradient: a picture that can be decoded, with nothing in it to find."""
    row = b"\0" + b"".join(bytes((x * 255 // _SIDE,) * 3) for x in range(_SIDE))
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(row * _SIDE)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _image(photo: bytes) -> dict[str, str]:
    return {"Bytes": base64.b64encode(photo).decode()}


def _create(context: Context) -> Iterator[Verdict]:
    context.cleanup.add(f"the collection {context.run}", lambda: remove(context, context.run))
    answer = context.call("CreateCollection", CollectionId=context.run)
    context.has_collection = answer.good
    yield expect(
        answer.good, f"{answer} in {answer.seconds:.2f} s", "200", f"{_LOG} Does the table stand?"
    )


def remove(context: Context, collection: str) -> None:
    if context.key or context.auth == "none":
        context.call("DeleteCollection", CollectionId=collection)


def _faceless(context: Context) -> Iterator[Verdict]:
    if not context.has_collection:
        yield skipped("there is no collection")
        return
    answer = context.call("SearchFacesByImage", CollectionId=context.run, Image=_image(no_face()))
    yield expect(
        answer.code == "InvalidParameterException" and answer.message == NO_FACES,
        f"{answer} in {answer.seconds:.2f} s",
        f"InvalidParameterException: {NO_FACES}",
        f"{_LOG} A time-out or a missing model shows there.",
    )


def _face(context: Context) -> Iterator[Verdict]:
    """Index, search, delete, search again."""
    if not context.has_collection:
        yield skipped("there is no collection")
        return
    if context.photo is None:
        yield skipped("no photo of a face: give one with --photo FILE")
        return
    place = {"CollectionId": context.run}
    image = _image(context.photo)
    indexed = context.call("IndexFaces", **place, Image=image, MaxFaces=1)
    records = indexed.body.get("FaceRecords", [])
    if not records:
        yield failed(
            f"{indexed}: no face",
            "one face indexed",
            "Choose a photo with a clear face.",
            of="index",
        )
        return
    yield _timed(True, indexed, "1 face", of="index")
    (face,) = (record["Face"]["FaceId"] for record in records)
    yield _found(context.call("SearchFacesByImage", **place, Image=image), face)
    context.call("DeleteFaces", **place, FaceIds=[face])
    gone = context.call("SearchFacesByImage", **place, Image=image)
    yield _timed(
        gone.good and not gone.body.get("FaceMatches"), gone, "no match any more", of="delete"
    )


def _found(answer: Answer, face: str) -> Verdict:
    matches = answer.body.get("FaceMatches", [])
    found = [each["Similarity"] for each in matches if each["Face"]["FaceId"] == face]
    seen = f"similarity {found[0]:.1f}" if found else "not found"
    return _timed(bool(found) and found[0] >= _SAME, answer, seen, of="search")


def _timed(good: bool, answer: Answer, seen: str, *, of: str) -> Verdict:
    return expect(
        good,
        f"{answer}, {seen}, in {answer.seconds:.2f} s",
        "the face that was indexed: found before its deletion and not after",
        _LOG,
        of=of,
    )


def _delete(context: Context) -> Iterator[Verdict]:
    if not context.has_collection:
        yield skipped("there is no collection")
        return
    answer = context.call("DeleteCollection", CollectionId=context.run)
    after = context.call("DescribeCollection", CollectionId=context.run)
    yield expect(
        answer.good and after.code == "ResourceNotFoundException",
        f"{answer}, then {after}",
        "200, then ResourceNotFoundException",
        _LOG,
    )
    context.has_collection = not answer.good


_NEEDS = ("execute-api:Invoke",)
GROUP = Group(
    "A collection's life",
    (
        Check("create", "CreateCollection", _create, _NEEDS, calls=True),
        Check("no-face", "A picture without a face", _faceless, _NEEDS),
        Check("face", "A face", _face, _NEEDS),
    ),
)
DELETE = Check("delete", "DeleteCollection", _delete, _NEEDS)
