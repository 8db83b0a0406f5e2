"""The outcomes of the last `make faults`: record.json, from which the docs' table is generated."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tests.faults.kinds import KINDS, Kind
from tests.faults.scenarios import Scenario
from tests.faults.sites import Site
from tests.faults.trial import DONE, REPEATED, UNNOTICED, Outcome

PATH = Path(__file__).with_name("record.json")

SIGNS = {UNNOTICED: "=", REPEATED: "+", DONE: "2"}
MISCOUNTED, NOT_HERE, HOLE = "c", "", "HOLE"

Cells = dict[str, str]
"""Sign by the name of the kind."""
Record = dict[str, dict[str, Cells]]
"""By scenario and site, in the order in which the calls are made."""


def sign(outcome: Outcome) -> str:
    if outcome.holes:
        return HOLE
    return SIGNS[outcome.kind] + (MISCOUNTED if outcome.miscounted else "")


def name_of(site: Site) -> str:
    return f"{site} #{site.number}"


def of(outcomes: Iterable[Outcome]) -> dict[str, Cells]:
    rows: dict[str, Cells] = {}
    for outcome in outcomes:
        row = rows.setdefault(name_of(outcome.fault.site), {})
        row[str(outcome.fault.kind)] = sign(outcome)
    return rows


def kinds_at(site: Site) -> list[Kind]:
    return [kind for kind in KINDS if kind.happens_to(site)]


def load() -> Record:
    record: Record = json.loads(PATH.read_text(encoding="utf-8"))
    return record


def save(record: Record, scenarios: Iterable[Scenario]) -> None:
    """Scenarios that this run did not try keep their entries."""
    kept = load() if PATH.exists() else {}
    every = {**kept, **record}
    ordered = {each.name: every[each.name] for each in scenarios if each.name in every}
    PATH.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
