"""Case: one hostile input, made from a seed and a number, and kept in a file to be tried again."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Case:
    part: str
    """The way in: `requests`, `pictures`, `photos` or `signatures` (see `run`)."""
    number: int
    kind: str
    """The kind of case: its column in the report's table."""
    made: str
    """How it was made, in short: the valid input, and the changes to it."""
    given: dict[str, Any]
    """The event for the handler, in JSON's types: from API Gateway, or from S3 and SQS."""
    objects: dict[str, bytes] = field(default_factory=dict)
    """The objects of the input bucket, by key."""

    def write(self, path: Path) -> None:
        told = {name: getattr(self, name) for name in ("part", "number", "kind", "made", "given")}
        stored = {key: base64.b64encode(content).decode() for key, content in self.objects.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(told | {"objects": stored}, indent=1), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Case:
        told = json.loads(path.read_text(encoding="utf-8"))
        stored = {key: base64.b64decode(content) for key, content in told.pop("objects").items()}
        return cls(**told, objects=stored)


def chance(*place: object) -> random.Random:
    """The same numbers for the same place, in every process and on every machine."""
    return random.Random("/".join(map(str, place)))
