"""Fills figures into the pages, between `<!-- bench: name -->` and `<!-- /bench -->`.

`make docs` runs it. The text comes from bench/results/ alone.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import highlights, tables
from bench.wholeness import table as wholeness

RESULTS = Path(__file__).parent / "results"
PAGES = ("README.md", "docs/performance.md", "docs/accuracy.md")
_ROOT = Path(__file__).parents[1]
_PART = re.compile(r"(<!-- bench: ([\w ]+) -->\n).*?(<!-- /bench -->)", re.DOTALL)

Written = Callable[[Any], str]
"""Takes the figure that stands beside it."""

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
    made = "\n".join(written(_results(figure)) for figure, written in PARTS[name])
    return f"{before}{made}\n{after}"


def _results(figure: str) -> Any:
    return json.loads((RESULTS / f"{figure}.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    for name in PAGES:
        (_ROOT / name).write_text(page(name), encoding="utf-8")
