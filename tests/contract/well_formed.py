"""Requests drawn from the service model: each within every constraint, most of them about
something that exists."""

import base64
import string
from collections.abc import Callable
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import strategies as st

from semblance.protocol import shapes
from tests.world.account import ACCOUNT, INPUT_BUCKET, REGION
from tests.world.fakes import picture, plain_png
from tests.world.populated import NOWHERE, World

Drawn = st.SearchStrategy[Any]

_WORD = string.ascii_letters + string.digits + "_.-"
_NAMED = _WORD + ":"
_TAGGED = _NAMED + " /=+@äß中٣\u3000"
_ARN = f"arn:aws:rekognition:{REGION}:{ACCOUNT}:collection/"
_MOST_DRAWN = 4
"""Of a list that may be long: its limits are tried by the breaches and by the full-size cases."""

PICTURES = (
    picture("ann"), picture("ann", shot=2), picture("bob", "dan", "eve"), picture(),
    picture("ann", "bob", poor=("ann",)), picture("ann", poor=("ann",)),
)  # fmt: skip
NO_PICTURES = (b"GIF89a", b"\xff\xd8\xff", plain_png(), b"\x00")


def valid(operation: str, world: World) -> Drawn:
    return of(shapes.operation(operation).input_shape, world)


def of(shape: Shape, world: World) -> Drawn:
    if shape.name in _POOLS:
        return _POOLS[shape.name](shape, world)
    return _KINDS[shape.type_name](shape, world)


def _structure(shape: StructureShape, world: World) -> Drawn:
    """Any of the optional members may be missing, or null, which says the same."""
    members = {name: of(member, world) for name, member in shape.members.items()}
    required = {name: members[name] for name in shape.required_members}
    optional = {
        name: strategy | st.none() if shape.name != "Image" else strategy
        for name, strategy in members.items()
        if name not in required
    }
    return st.fixed_dictionaries(required, optional=optional)


def _list(shape: ListShape, world: World) -> Drawn:
    most = min(shape.metadata.get("max", _MOST_DRAWN), _MOST_DRAWN)
    return st.lists(of(shape.member, world), min_size=shape.metadata.get("min", 0), max_size=most)


def _map(shape: MapShape, world: World) -> Drawn:
    return st.dictionaries(of(shape.key, world), of(shape.value, world), max_size=_MOST_DRAWN)


def _string(shape: Shape, world: World) -> Drawn:
    if getattr(shape, "enum", None):
        return st.sampled_from(shape.enum)
    if "pattern" in shape.metadata:
        return _like_the_pattern(shape)
    characters = st.characters(exclude_categories=["Cs"])
    return _text(shape, characters)


def _like_the_pattern(shape: Shape) -> Drawn:
    """For a shape without a row in _POOLS. Python's `re` must know the pattern's classes."""
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 64)
    drawn = st.from_regex(shape.metadata["pattern"], fullmatch=True)
    return drawn.filter(lambda text: least <= len(text) <= most)


def _text(shape: Shape, alphabet: str | st.SearchStrategy[str]) -> Drawn:
    """With the longest that may be, which random draws would not come to."""
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 64)
    short = st.text(alphabet, min_size=least, max_size=min(most, least + 12))
    return short | st.just("a" * most)


def _integer(shape: Shape, world: World) -> Drawn:
    least, most = shape.metadata["min"], shape.metadata.get("max", 2**31 - 1)
    return st.integers(least, min(most, 3)) | st.sampled_from([least, most])


def _float(shape: Shape, world: World) -> Drawn:
    least, most = shape.metadata["min"], shape.metadata["max"]
    return (
        st.floats(least, most) | st.integers(least, most) | st.sampled_from([least, most, 1e-320])
    )


_KINDS: dict[str, Callable[[Any, World], Drawn]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _integer,
    "float": _float,
}


def _words(alphabet: str, *known: str) -> Callable[[Shape, World], Drawn]:
    """Mostly those that are known, else any that the pattern allows."""
    return lambda shape, world: _mostly(known, _text(shape, alphabet))


def _mostly(known: Any, other: Drawn) -> Drawn:
    """Three times of four. (`one_of` takes a strategy that is named thrice for one.)"""
    usual = st.sampled_from(list(known))
    return st.integers(1, 4).flatmap(lambda draw: other if draw == 4 else usual)


def _face_id(shape: Shape, world: World) -> Drawn:
    return _mostly(world.face_ids, st.just(NOWHERE) | st.uuids().map(str))


def _image(shape: StructureShape, world: World) -> Drawn:
    """What says nothing, or too much, is within the model's constraints too."""
    content = _mostly(PICTURES, st.sampled_from(NO_PICTURES) | st.binary(min_size=1, max_size=64))
    inline = st.fixed_dictionaries({"Bytes": content.map(in_base64)})
    stored = st.fixed_dictionaries({"S3Object": of(shape.members["S3Object"], world)})
    odd = st.just({}) | st.builds(lambda one, other: one | other, inline, stored)
    return _mostly([True], st.just(False)).flatmap(lambda usual: inline if usual else stored | odd)


def in_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _resource_arn(shape: Shape, world: World) -> Drawn:
    known = [_ARN + "staff", _ARN.removeprefix("arn:") + "staff", _ARN + "empty"]
    near = [
        _ARN + "missing", _ARN, _ARN + "staff/", f"{_ARN}staff/../empty", _ARN + "a" * 255,
        _ARN.replace(ACCOUNT, "210987654321") + "staff", _ARN.replace(REGION, "nowhere") + "staff",
        _ARN.replace(":collection/", ":project/") + "staff", "arn:" + _ARN + "staff",
    ]  # fmt: skip
    return _mostly(known, st.sampled_from(near) | _string(shape, world))


def _token(shape: Shape, world: World) -> Drawn:
    garbage = ["", "~", "=", "AAAA", "a" * 255, "~" + "~" * 254]
    return st.sampled_from(world.tokens) | st.sampled_from(garbage) | _string(shape, world)


def _bucket(shape: Shape, world: World) -> Drawn:
    return _mostly([INPUT_BUCKET], st.sampled_from(["no-such-bucket", "...", "a" * 255]))


def _object_name(shape: Shape, world: World) -> Drawn:
    odd = ["..", "/", "a//b", "%2F", "a\x00b", "ä", "a" * 1024, "\n", "ä" * 1024]
    return _mostly(["ann", "text"], st.sampled_from(odd) | _string(shape, world))


_POOLS: dict[str, Callable[[Any, World], Drawn]] = {
    "ClientRequestToken": _words(_WORD.replace(".", ""), "again", "made-ann", "another"),
    "CollectionId": _words(_WORD, *["staff"] * 6, "empty", "missing"),
    "ExternalImageId": _words(_NAMED, "ann"),
    "FaceId": _face_id,
    "Image": _image,
    "PaginationToken": _token,
    "ResourceArn": _resource_arn,
    "S3Bucket": _bucket,
    "S3ObjectName": _object_name,
    "TagKey": _words(_TAGGED, "team"),
    "TagValue": _words(_TAGGED, "door"),
    "UserId": _words(_NAMED, *["ann"] * 3, "nobody-yet", "missing"),
}
"""By the shape's name. A new operation needs a row here only for a shape whose values must exist
for the operation to succeed, or whose pattern has classes that Python's `re` does not know."""
