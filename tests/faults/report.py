"""The table of call sites, faults and outcomes: in the terminal, and in docs/faults.md.

The page is also the record of the last `make faults`: the table leaves nothing out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from tests.faults.kinds import KILLS, PASSING
from tests.faults.record import HOLE, Cells, Record
from tests.faults.scenarios import Scenario

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
COLUMNS = [*(kind.name for kind in PASSING), *(kind.name for kind in KILLS)]
_LASTING = {kind.name for kind in PASSING}
"""Kinds of faults that a trial also repeats at every try."""
_HEADER_LINES = 2
_STYLES = {"=": "green", "+": "cyan", "2": "yellow"}


class Row(NamedTuple):
    asked: str
    call: str
    """With the numbers of the calls, unless there is one only."""
    cells: list[str]
    """In the order of COLUMNS: for one try and for good, where these differ."""


def rows(record: Record) -> Iterator[Row]:
    """Calls of one sort with the same outcomes are one row."""
    for asked, sites in record.items():
        met = [(*name.split(" #"), _cells(cells)) for name, cells in sites.items()]
        calls = list(dict.fromkeys(call for call, _, _ in met))
        told = sorted(met, key=lambda row: calls.index(row[0]))
        for (call, cells), alike in itertools.groupby(told, lambda row: (row[0], row[2])):
            numbers = [number for _, number, _ in alike]
            yield Row(asked, call if numbers == ["1"] else " #".join([call, *numbers]), cells)
            asked = ""


def table(record: Record) -> Table:
    shown = Table("asked", "call to AWS", *COLUMNS, show_lines=False)
    for asked, call, cells in rows(record):
        if asked and shown.row_count:
            shown.add_section()
        shown.add_row(asked, call, *map(_coloured, cells))
    return shown


def markdown(record: Record) -> str:
    lines = [f"| asked | call to AWS | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 2) + "|"]
    for asked, call, cells in rows(record):
        lines.append(f"| {asked} | {call} | {' | '.join(cells)} |")
    return "\n".join(lines)


def in_page(page: str, record: Record) -> str:
    """The page with the number of trials and the table written anew."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n{_summary(record)}\n\n{markdown(record)}\n{END}{after}"


def load() -> Record:
    """What `make faults` last wrote into the page."""
    record: Record = {}
    table = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    for line in lines[_HEADER_LINES:]:
        asked, call, *cells = (cell.strip() for cell in line[1:-1].split("|"))
        if asked:
            sites = record.setdefault(asked, {})
        name, *numbers = call.split(" #")
        for number in numbers or ["1"]:
            sites[f"{name} #{number}"] = _signs(cells)
    return record


def save(found: Record, scenarios: Iterable[Scenario]) -> None:
    """Scenarios that this run did not try keep their rows."""
    every = load() | found
    ordered = {each.name: every[each.name] for each in scenarios if each.name in every}
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(in_page(page, ordered), encoding="utf-8")


def _summary(record: Record) -> str:
    calls = [cells for sites in record.values() for cells in sites.values()]
    trials = sum(map(len, calls))
    return f"{trials:,} trials at {len(calls)} calls, which {len(record)} requests make:"


def _signs(cells: list[str]) -> Cells:
    """The cells of a row, by the names of the kinds."""
    signs: Cells = {}
    for name, cell in zip(COLUMNS, cells, strict=True):
        once, _, for_good = cell.partition(" ")
        if once:
            signs[name] = once
        if once and name in _LASTING:
            signs[f"{name}, for good"] = for_good or once
    return signs


def _cells(cells: Cells) -> list[str]:
    return [_both(cells.get(name, ""), cells.get(f"{name}, for good", "")) for name in COLUMNS]


def _both(once: str, for_good: str) -> str:
    return once if for_good in ("", once) else f"{once} {for_good}"


def _coloured(cell: str) -> str:
    style = "bold red" if HOLE in cell else _STYLES.get(cell[:1], "dim")
    return f"[{style}]{cell}[/]" if cell else ""
