"""The published JSON Schemas; tests hold every result, event and audit line to them."""

import json
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource

from functions.runtime import audit
from tools.checkout import CHECKOUT

SCHEMAS = {
    path.name: json.loads(path.read_text()) for path in (CHECKOUT / "docs/schemas").glob("*.json")
}
_REGISTRY: Any = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
)


def assert_is_result(result: dict[str, Any]) -> None:
    _validator("result.json").validate(result)


def assert_is_event(event: dict[str, Any]) -> None:
    """The event as the target of a rule receives it."""
    _validator("event.json").validate(event)


def assert_is_audit(line: audit.Line) -> None:
    assert_is_audit_line(json.loads(line.to_json()))


def assert_is_audit_line(line: dict[str, Any]) -> None:
    """The line as it is read from the log."""
    _validator("audit.json").validate(line)


def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": name}, registry=_REGISTRY)
