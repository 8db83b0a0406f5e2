"""Requests that break the service model in a known number of places, drawn from the model."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import regex
from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import strategies as st

from semblance.protocol import shapes
from tests.contract import well_formed
from tests.world.populated import NOWHERE, World

MISSING = object()
_UNLIKE_ANY_PATTERN = ("!!!!", "aaa\n", "a\x00aa", "#b c")
_WRONG: dict[str, tuple[Any, ...]] = {
    "structure": ([], "text", 5, True),
    "list": ({}, "text", 5, False),
    "map": ([], "text", 5, True),
    "string": (5, 1.5, True, [], {}, ["a"], math.nan, "\ud800", "a\udfff"),
    "integer": ("5", 1.5, True, [], {}, 2**31, -(2**31) - 1, 10**400, math.nan, -math.inf),
    "float": ("80", True, [], {}, 10**400, math.nan, math.inf),
    "blob": (7, False, [], {}, math.inf),
}
_NOT_BASE64 = ("not base64!", "AAA", "=", "ä", "A\nAA")

_GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@dataclass(frozen=True)
class Breach:
    """What is put in a member's place, and what is to be said of it."""

    value: Any
    places: tuple[str, ...] = ()
    """Of each constraint that it breaks, as a ValidationException tells it."""
    is_type: bool = False
    is_encoding: bool = False


@dataclass(frozen=True)
class IllFormed:
    body: str
    codes: frozenset[str]
    places: tuple[str, ...]


@st.composite
def ill_formed(draw: st.DrawFn, operation: str, world: World) -> IllFormed:
    """One to three members broken at a time, and members that nobody has heard of."""
    request = draw(well_formed.valid(operation, world))
    known = breaches(operation)
    chosen = draw(st.lists(st.sampled_from(list(known)), min_size=1, max_size=3, unique=True))
    made = {name: draw(st.sampled_from(known[name])) for name in chosen}
    for name, breach in made.items():
        request = with_member(request, name, breach.value)
    if draw(st.booleans()):
        request["Unheard"] = draw(_GARBAGE)
    return _told(request, list(made.values()))


def sound(operation: str) -> dict[str, Any]:
    """The least that the model accepts."""
    least: dict[str, Any] = _sound(shapes.operation(operation).input_shape)
    return least


def one_breach_each(operation: str) -> Iterator[IllFormed]:
    """A sound request with each of the known breaches, one at a time."""
    least = sound(operation)
    for name, known in breaches(operation).items():
        for breach in known:
            yield _told(with_member(least, name, breach.value), [breach])


@st.composite
def truncated(draw: st.DrawFn, operation: str, world: World) -> str:
    text = json.dumps(draw(well_formed.valid(operation, world)))
    return text[: draw(st.integers(1, len(text) - 1))]


def _told(request: dict[str, Any], made: list[Breach]) -> IllFormed:
    """Types come first, then base64, then the constraints, all of them at once."""
    body = json.dumps(request)
    wrong = {"SerializationException"} if any(breach.is_type for breach in made) else set()
    if any(breach.is_encoding for breach in made):
        wrong.add("InvalidImageFormatException")
    if wrong:
        return IllFormed(body, frozenset(wrong), ())
    places = tuple(place for breach in made for place in breach.places)
    return IllFormed(body, frozenset({"ValidationException"}), places)


def with_member(request: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    rest = {member: old for member, old in request.items() if member != name}
    return rest if value is MISSING else rest | {name: value}


def breaches(operation: str) -> dict[str, list[Breach]]:
    """By member, all that is known to be wrong with one."""
    shape = shapes.operation(operation).input_shape
    return {name: list(_of_member(shape, name, "")) for name in shape.members}


def _of_member(shape: StructureShape, name: str, path: str) -> Iterator[Breach]:
    place = f"{path}{name[0].lower()}{name[1:]}"
    if name in shape.required_members:
        yield Breach(MISSING, (place,))
        yield Breach(None, (place,))
    yield from _of(shape.members[name], place)


def _of(shape: Shape, place: str) -> Iterator[Breach]:
    for value in _WRONG[shape.type_name]:
        yield Breach(value, is_type=True)
    yield from _KINDS[shape.type_name](shape, place)


def _of_structure(shape: StructureShape, place: str) -> Iterator[Breach]:
    for name in shape.members:
        for breach in _of_member(shape, name, f"{place}."):
            yield replace(breach, value=with_member({}, name, breach.value))


def _of_list(shape: ListShape, place: str) -> Iterator[Breach]:
    item, limits = _sound(shape.member), shape.metadata
    if limits.get("min"):
        yield Breach([], (place,))
    if "max" in limits:
        yield Breach([item] * (limits["max"] + 1), (place,))
    yield Breach([item, None], is_type=True)
    for breach in _of(shape.member, f"{place}.2.member"):
        yield replace(breach, value=[item, breach.value])


def _of_map(shape: MapShape, place: str) -> Iterator[Breach]:
    """AWS's wording for a map's keys is not known: of them the map is all that is looked for."""
    yield Breach({f"key{number}": "" for number in range(shape.metadata["max"] + 1)}, (place,))
    yield Breach({"key": None}, is_type=True)
    yield Breach({"aws:owner": "value"}, (place,))
    yield Breach({"\ud800": "value"}, is_type=True)
    for breach in _of_string(shape.key, place):
        yield replace(breach, value={breach.value: "value"})
    for breach in _of(shape.value, place):
        yield replace(breach, value={"key": breach.value})


def _of_string(shape: Shape, place: str) -> Iterator[Breach]:
    limits, pattern = shape.metadata, shape.metadata.get("pattern")
    if getattr(shape, "enum", None):
        for value in ("NOPE", "", shape.enum[0].lower()):
            yield Breach(value, (place,))
    if "max" in limits:
        yield Breach("a" * (limits["max"] + 1), (place,))
        yield Breach("a" * 100_000, (place,))
    if limits.get("min"):
        short = "a" * (limits["min"] - 1)
        fits = pattern is None or regex.fullmatch(pattern, short)
        yield Breach(short, (place,) if fits else (place, place))
    if pattern:
        for value in _UNLIKE_ANY_PATTERN:
            yield Breach(value, (place,))


def _of_number(shape: Shape, place: str) -> Iterator[Breach]:
    least, most = shape.metadata["min"], shape.metadata.get("max")
    yield Breach(least - 1, (place,))
    if most is not None:
        yield Breach(most + 1, (place,))
        yield Breach(2**31 - 1, (place,))
    if shape.type_name == "float":
        for value in (-0.001, most + 0.001, 1e300, -1e300):
            yield Breach(value, (place,))


def _of_blob(shape: Shape, place: str) -> Iterator[Breach]:
    yield Breach("", (place,))
    for value in _NOT_BASE64:
        yield Breach(value, is_encoding=True)


_KINDS: dict[str, Callable[[Any, str], Iterator[Breach]]] = {
    "structure": _of_structure,
    "list": _of_list,
    "map": _of_map,
    "string": _of_string,
    "integer": _of_number,
    "float": _of_number,
    "blob": _of_blob,
}

_SOUND = {
    "CollectionId": "staff",
    "ExternalImageId": "ann",
    "FaceId": NOWHERE,
    "Image": {"Bytes": well_formed.in_base64(well_formed.PICTURES[0])},
    "ResourceArn": "arn:aws:rekognition:nowhere:000000000000:collection/staff",
    "UserId": "ann",
}


def _sound(shape: Shape) -> Any:
    """The least that is within the model."""
    if shape.name in _SOUND:
        return _SOUND[shape.name]
    if isinstance(shape, StructureShape):
        return {name: _sound(shape.members[name]) for name in shape.required_members}
    if isinstance(shape, ListShape):
        return [_sound(shape.member)]
    if isinstance(shape, MapShape):
        return {"key": "value"}
    return shape.enum[0] if getattr(shape, "enum", None) else "key"
