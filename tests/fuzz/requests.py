"""Hostile requests: drawn from the service model, then broken in their members, in their JSON, in
their text or in the event around it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from semblance.operations.table import OPERATIONS
from tests.contract import ill_formed, well_formed
from tests.fuzz import json_text, wrappings
from tests.fuzz.cases import Case, chance
from tests.fuzz.hostile import swapped
from tests.fuzz.ways_in import FACE_IDS, TOKENS
from tests.world.populated import World

BATCH = 100
"""Requests drawn at a time: hypothesis is slow to start and then fast."""
_WORLD = World(table=None, s3=None, face_ids=FACE_IDS, tokens=TOKENS, writes=[])
_HUGE_SHARE = 0.002

Request = dict[str, Any]


def cases(of: int, count: int) -> Iterator[Case]:
    """`of` is the seed."""
    for start in range(0, count, BATCH):
        operation = chance(of, "operation", start).choice(list(OPERATIONS))
        drawn = _drawn(operation, chance(of, "drawn", start).getrandbits(64))
        for number in range(start, min(start + BATCH, count)):
            luck = chance(of, "request", number)
            kind, made, event = _hostile(luck, operation, luck.choice(drawn))
            yield Case("requests", number, kind, f"{operation}: {made}", event)


def _hostile(luck: random.Random, operation: str, request: Request) -> tuple[str, str, Any]:
    if luck.random() < _HUGE_SHARE:
        made, text = json_text.huge(luck, operation)
        return "huge", made, wrappings.plain(operation, text)
    kind = luck.choices(list(_KINDS), [share for share, _ in _KINDS.values()])[0]
    made, event = _KINDS[kind][1](luck, operation, request)
    return kind, made, event


def _sound(_: random.Random, operation: str, request: Request) -> tuple[str, Any]:
    return "as it is", wrappings.plain(operation, json.dumps(request))


def _breached(luck: random.Random, operation: str, request: Request) -> tuple[str, Any]:
    known = _breaches(operation)
    names = luck.sample(sorted(known), min(len(known), luck.choice((1, 1, 2, 3))))
    for name in names:
        request = ill_formed.with_member(request, name, luck.choice(known[name]).value)
    return f"broken {', '.join(names)}", wrappings.plain(operation, json.dumps(request))


def _swapped(luck: random.Random, operation: str, request: Request) -> tuple[str, Any]:
    made, request = swapped(luck, request)
    return made, wrappings.plain(operation, json.dumps(request))


def _rewritten(luck: random.Random, operation: str, request: Request) -> tuple[str, Any]:
    made, text = json_text.rewritten(luck, json.dumps(request))
    return made, wrappings.plain(operation, text)


def _wrapped(luck: random.Random, operation: str, request: Request) -> tuple[str, Any]:
    return wrappings.wrapped(luck, operation, json.dumps(request))


_KINDS: dict[str, tuple[int, Callable[[random.Random, str, Request], tuple[str, Any]]]] = {
    "sound": (2, _sound),
    "members broken": (6, _breached),
    "values swapped": (5, _swapped),
    "JSON rewritten": (5, _rewritten),
    "headers and target": (2, _wrapped),
}
"""The kinds with their shares of all cases."""


@cache
def _breaches(operation: str) -> dict[str, list[ill_formed.Breach]]:
    return ill_formed.breaches(operation)


def _drawn(operation: str, number: int) -> list[Request]:
    found: list[Request] = []

    @seed(number)
    @settings(
        max_examples=BATCH,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(well_formed.valid(operation, _WORLD))
    def collect(request: Request) -> None:
        found.append(request)

    collect()
    return found
