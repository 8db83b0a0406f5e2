"""Fills the figures into the documents: what stands between `<!-- bench: name -->` and
`<!-- /bench -->` is made of bench/results/ and of nothing else."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from bench import highlights, tables

RESULTS = Path(__file__).parent / "results"
_PART = re.compile(r"(<!-- bench: ([\w ]+) -->\n).*?(<!-- /bench -->)", re.DOTALL)

PARTS: dict[str, tuple[str, Callable[[tables.Figure], str]]] = {
    "search machine": ("search", tables.machine),
    "statistics": ("search", tables.statistics),
    "million": ("search", tables.million),
    "sizes": ("search", tables.sizes),
    "pictures machine": ("pictures", tables.machine),
    "pictures": ("pictures", tables.pictures),
    "starts machine": ("starts", tables.machine),
    "starts": ("starts", tables.starts),
    "steps": ("starts", tables.steps),
    "large machine": ("large", tables.machine),
    "large": ("large", tables.large),
    "load machine": ("load", tables.machine),
    "load": ("load", tables.load),
}


def filled(text: str) -> str:
    return _PART.sub(_fill, text)


def _fill(part: re.Match[str]) -> str:
    before, name, after = part.groups()
    if name == "highlights":
        return f"{before}{highlights.highlights(results)}\n{after}"
    figure, made = PARTS[name]
    return f"{before}{made(results(figure))}\n{after}"


def results(figure: str) -> tables.Figure:
    found: tables.Figure = json.loads((RESULTS / f"{figure}.json").read_text(encoding="utf-8"))
    return found
