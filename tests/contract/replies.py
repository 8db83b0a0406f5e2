"""Replies against the service model: types, members, ranges, and what is never left out."""

from typing import Any

import regex
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from semblance.protocol import shapes
from tools.specimens import SPECIMENS

_KINDS: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


def assert_is_reply(operation: str, reply: dict[str, Any]) -> None:
    """`reply` is the JSON of the body; an operation without output answers nothing or `{}`."""
    shape = shapes.operation(operation).output_shape
    assert reply.keys() >= SPECIMENS[operation].always, f"{operation}: {sorted(reply)}"
    if shape is None:
        assert reply == {}
    else:
        assert_is(shape, reply)


def assert_is(shape: Shape, value: Any) -> None:
    """No member unheard of, none null, none of another type, none out of the model's range."""
    kinds = _KINDS[shape.type_name]
    right = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
    assert right, f"{shape.name}: {value!r}"
    _assert_is_in_range(shape, value)
    if isinstance(shape, StructureShape):
        assert value.keys() <= shape.members.keys(), f"{shape.name}: {sorted(value)}"
        for member, item in value.items():
            assert_is(shape.members[member], item)
    elif isinstance(shape, ListShape):
        for item in value:
            assert_is(shape.member, item)
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            assert_is(shape.key, key)
            assert_is(shape.value, item)
    elif isinstance(shape, StringShape) and shape.enum:
        assert value in shape.enum, f"{shape.name}: {value!r}"


def _assert_is_in_range(shape: Shape, value: Any) -> None:
    limits = shape.metadata
    amount = len(value) if isinstance(value, (str, list, dict)) else value
    # Lists share their shapes with requests; that AWS replies with empty ones is on record.
    at_least = 0 if isinstance(value, list) else limits.get("min", amount)
    assert amount >= at_least, f"{shape.name}: {value!r}"
    assert "max" not in limits or amount <= limits["max"], f"{shape.name}: {value!r}"
    if "pattern" in limits:
        assert regex.fullmatch(limits["pattern"], value), f"{shape.name}: {value!r}"
