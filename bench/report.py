"""Fills figures into the pages, between `<!-- bench: name -->` and `<!-- /bench -->`.

`make docs` runs it. The text comes from bench/results/ alone.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import accuracy_tables, highlights, tables
from bench.wholeness import table as wholeness

RESULTS = Path(__file__).parent / "results"
PAGES = ("README.md", "docs/accuracy.md", "docs/performance.md")
_ROOT = Path(__file__).parents[1]
_PART = re.compile(r"(<!-- bench: ([\w ]+) -->\n).*?(<!-- /bench -->)", re.DOTALL)

Written = Callable[..., str]
"""Takes the figures that stand beside it: one, or two, or none."""

PARTS: dict[str, list[tuple[str, Written]]] = {
    "highlights": [
        ("search", highlights.search),
        ("pictures", highlights.picture),
        ("large", highlights.large),
    ],
    "statistics": [("search", tables.statistics)],
    "million": [("search", tables.million)],
    "sizes": [("search", tables.sizes)],
    "pictures": [("pictures", tables.pictures)],
    "starts": [("starts", tables.starts)],
    "steps": [("starts", tables.steps)],
    "large": [("large", tables.large)],
    "load": [("load", tables.load)],
    "accuracy": [("accuracy", accuracy_tables.readme)],
    "accuracy photos": [("accuracy", accuracy_tables.photos)],
    "accuracy curve": [("accuracy", accuracy_tables.curve)],
    "accuracy thresholds": [("accuracy", accuracy_tables.thresholds)],
    "accuracy rates": [("accuracy", accuracy_tables.at_far)],
    "accuracy filter": [("accuracy", accuracy_tables.auto)],
    "accuracy people": [("", accuracy_tables.people)],
    "accuracy elsewhere": [("accuracy accuracy-elsewhere", accuracy_tables.elsewhere)],
    "whole faces": [("wholeness", wholeness.whole_faces)],
    "whole faces cost": [("wholeness", wholeness.costs)],
    **{
        f"{figure} machine": [(figure, tables.machine)]
        for figure in ("search", "pictures", "starts", "large", "load")
    },
}


def page(name: str) -> str:
    """The page as it is, with the figures of the last `make bench`."""
    return _PART.sub(_fill, (_ROOT / name).read_text(encoding="utf-8"))


def _fill(part: re.Match[str]) -> str:
    before, name, after = part.groups()
    made = "\n".join(written(*map(_results, given.split())) for given, written in PARTS[name])
    return f"{before}{made}\n{after}"


def _results(figure: str) -> Any:
    return json.loads((RESULTS / f"{figure}.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    for name in PAGES:
        (_ROOT / name).write_text(page(name), encoding="utf-8")
