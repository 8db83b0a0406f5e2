"""Checks requests and formats replies by the service model that botocore ships, the contract.

A request goes through three steps, each complete before the next: JSON types (a mismatch is a
SerializationException), blobs decoded from base64, then every constraint of the model, all
breaches in one ValidationException in AWS's wording.
"""

import base64
import binascii
import math
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.loaders import Loader
from botocore.model import (
    ListShape,
    MapShape,
    OperationModel,
    ServiceModel,
    Shape,
    StringShape,
    StructureShape,
)

from semblance import errors

if TYPE_CHECKING:
    import regex

_BREACHES_COUNTED = 10_000
_BREACHES_SHOWN = 100
_CHARACTERS_SHOWN = 256
"""Together these keep the reply to a hostile request far below Lambda's 6 MB, and its time to
seconds."""

Item = TypeVar("Item")

_INTEGER_BITS = {"integer": 32, "long": 64}
_KINDS = {bool: "Boolean", int: "Number", float: "Number", str: "String", list: "List"}


@cache
def service_model() -> ServiceModel:
    # By its path: looking a service up by name, botocore lists the folders of all services.
    return ServiceModel(Loader().load_data("rekognition/2016-06-27/service-2"), "rekognition")


def operation(name: str) -> OperationModel:
    return service_model().operation_model(name)


def is_operation(name: str) -> bool:
    return name in service_model().operation_names


def parse_request(name: str, body: object) -> dict[str, Any]:
    """The request without nulls and unknown members, and with blobs as bytes.

    Raises SerializationException, InvalidImageFormatException (bad base64) and ValidationException.
    """
    shape = _present(operation(name).input_shape)
    request: dict[str, Any] = _parse(shape, body)
    breaches = list(islice(_breaches(shape, request, ()), _BREACHES_COUNTED))
    if breaches:
        raise errors.ValidationException(_sentence(breaches))
    return request


def parse_value(shape_name: str, value: object, *, member: str | None = None) -> Any:
    """One value by its own shape in the service model, for instance `CollectionId`.

    Errors name it as `member` of a request, as its shape unless given.
    """
    shape, path = service_model().shape_for(shape_name), (_lower_first(member or shape_name),)
    if value is None:
        raise errors.ValidationException(_sentence([_null_at(path)]))
    parsed = _parse(shape, value)
    breaches = list(islice(_breaches(shape, parsed, path), _BREACHES_COUNTED))
    if breaches:
        raise errors.ValidationException(_sentence(breaches))
    return parsed


def format_reply(name: str, reply: dict[str, Any]) -> dict[str, Any]:
    """The reply with floats rounded to float32, as in AWS's replies, and without None members."""
    shape = operation(name).output_shape
    return _format(shape, reply) if shape else {}


def _present(shape: StructureShape | None) -> StructureShape:
    """Every operation of this service has an input; botocore's types allow None."""
    if shape is None:
        raise TypeError("the service model has an operation without input")
    return shape


# From JSON values to the model's types


def _parse(shape: Shape, value: Any) -> Any:
    return _PARSERS[shape.type_name](shape, value)


def _parse_structure(shape: StructureShape, value: Any) -> dict[str, Any]:
    _expect(shape, value, dict)
    return {
        member: _parse(member_shape, value[member])
        for member, member_shape in shape.members.items()
        if value.get(member) is not None
    }


def _parse_list(shape: ListShape, value: Any) -> list[Any]:
    _expect(shape, value, list)
    return [_parse(shape.member, item) for item in value]


def _parse_map(shape: MapShape, value: Any) -> dict[str, Any]:
    _expect(shape, value, dict)
    return {_parse(shape.key, key): _parse(shape.value, item) for key, item in value.items()}


def _parse_string(shape: Shape, value: Any) -> str:
    _expect(shape, value, str)
    try:
        value.encode()
    except UnicodeEncodeError as exc:
        raise errors.SerializationException("A string holds half of a surrogate pair") from exc
    return str(value)


def _parse_integer(shape: Shape, value: Any) -> int:
    _expect(shape, value, int)
    bound = 1 << (_INTEGER_BITS[shape.type_name] - 1)
    if not -bound <= value < bound:
        raise errors.SerializationException(f"A number is out of the range of {shape.type_name}")
    return int(value)


def _parse_float(shape: Shape, value: Any) -> float:
    _expect(shape, value, int, float)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise errors.SerializationException(f"A number is out of the range of {shape.type_name}")
    return number


def _parse_boolean(shape: Shape, value: Any) -> bool:
    _expect(shape, value, bool)
    return bool(value)


def _parse_blob(shape: Shape, value: Any) -> bytes:
    _expect(shape, value, str)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise errors.InvalidImageFormatException("Invalid image encoding") from exc


_PARSERS: dict[str, Callable[[Any, Any], Any]] = {
    "structure": _parse_structure,
    "list": _parse_list,
    "map": _parse_map,
    "string": _parse_string,
    "integer": _parse_integer,
    "long": _parse_integer,
    "float": _parse_float,
    "double": _parse_float,
    "boolean": _parse_boolean,
    "blob": _parse_blob,
}


def _expect(shape: Shape, value: Any, *kinds: type) -> None:
    if type(value) not in kinds:
        found = "null" if value is None else _KINDS.get(type(value), "Object")
        raise errors.SerializationException(
            f"{found} can not be converted to {shape.name} ({shape.type_name})"
        )


# The model's constraints


def _breaches(shape: Shape, value: Any, path: tuple[str, ...]) -> Iterator[str]:
    for constraint in _own_breaches(shape, value):
        yield (
            f"Value {_shown(value)} at '{'.'.join(path)}' failed to satisfy constraint: "
            f"Member must {constraint}"
        )
    if isinstance(shape, StructureShape):
        yield from _member_breaches(shape, value, path)
    elif isinstance(shape, ListShape):
        for position, item in enumerate(_within(shape, value), start=1):
            yield from _breaches(shape.member, item, (*path, str(position), "member"))
    elif isinstance(shape, MapShape):
        for key, item in _within(shape, value.items()):
            yield from _breaches(shape.key, key, (*path, "key"))
            yield from _breaches(shape.value, item, (*path, key[:_CHARACTERS_SHOWN], "member"))


def _member_breaches(
    shape: StructureShape, value: dict[str, Any], path: tuple[str, ...]
) -> Iterator[str]:
    for member, member_shape in shape.members.items():
        place = (*path, _lower_first(member))
        if member in value:
            yield from _breaches(member_shape, value[member], place)
        elif member in shape.required_members:
            yield _null_at(place)


def _null_at(path: tuple[str, ...]) -> str:
    return f"Value null at '{'.'.join(path)}' failed to satisfy constraint: Member must not be null"


def _lower_first(member: str) -> str:
    return member[0].lower() + member[1:]


def _within(shape: Shape, items: Iterable[Item]) -> Iterator[Item]:
    """Items up to the model's maximum. More are a breach already and are not checked one by one:
    two million items fit into a request, and each takes microseconds."""
    return islice(items, shape.metadata.get("max"))


def _own_breaches(shape: Shape, value: Any) -> Iterator[str]:
    metadata = shape.metadata
    sized = isinstance(value, str | bytes | list | dict)
    amount, measure = (len(value), "length") if sized else (value, "value")
    if "min" in metadata and amount < metadata["min"]:
        yield f"have {measure} greater than or equal to {metadata['min']}"
    if "max" in metadata and amount > metadata["max"]:
        yield f"have {measure} less than or equal to {metadata['max']}"
    if "pattern" in metadata and not _compiled(metadata["pattern"]).fullmatch(value):
        yield f"satisfy regular expression pattern: {metadata['pattern']}"
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"satisfy enum value set: [{', '.join(shape.enum)}]"


@cache
def _compiled(pattern: str) -> "re.Pattern[str] | regex.Pattern[str]":
    if r"\p" not in pattern:
        return re.compile(pattern)
    import regex  # takes 14 ms of a cold start: only the patterns of tags need it

    return regex.compile(pattern)


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return f"'java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]'"
    text = f"[{', '.join(map(str, islice(value, 32)))}]" if isinstance(value, list) else str(value)
    shown = text if len(text) <= _CHARACTERS_SHOWN else text[:_CHARACTERS_SHOWN] + "..."
    return f"'{shown}'"


def _sentence(breaches: list[str]) -> str:
    count = len(breaches)
    shown = "; ".join(breaches[:_BREACHES_SHOWN])
    return f"{count} validation error{'s' if count > 1 else ''} detected: {shown}"


# From a reply's values to JSON values


def _format(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        return {
            member: _format(shape.members[member], item)
            for member, item in value.items()
            if item is not None
        }
    if isinstance(shape, ListShape):
        return [_format(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _format(shape.value, item) for key, item in value.items()}
    return widened(value) if shape.type_name == "float" else value


def widened(number: float) -> float:
    """The nearest float32 as a double: 0.222067 becomes 0.2220669984817505."""
    return float(struct.unpack("f", struct.pack("f", number))[0])
