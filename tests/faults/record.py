"""The outcomes of `make faults`, as signs. The table in the docs keeps them (`report`)."""

from __future__ import annotations

from collections.abc import Iterable

from tests.faults.kinds import KINDS, Kind
from tests.faults.sites import Site
from tests.faults.trial import DONE, REPEATED, UNNOTICED, Outcome

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
