"""Fills figures into the documents, between `<!-- bench: name -->` and `<!-- /bench -->`.

The text there comes from bench/results/ alone.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import highlights, tables

RESULTS = Path(__file__).parent / "results"
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
    **{
        f"{figure} machine": [(figure, tables.machine)]
        for figure in ("search", "pictures", "starts", "large", "load")
    },
}


def filled(text: str) -> str:
    return _PART.sub(_fill, text)


def _fill(part: re.Match[str]) -> str:
    before, name, after = part.groups()
    made = "\n".join(written(_results(figure)) for figure, written in PARTS[name])
    return f"{before}{made}\n{after}"


def _results(figure: str) -> Any:
    return json.loads((RESULTS / f"{figure}.json").read_text(encoding="utf-8"))
