"""The outcome of a folder's photos: a summary for the terminal, CSV and JSON."""

import csv
import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from semblance_cli.bulk.delivery import Item, State
from semblance_cli.bulk.outcome import (
    FAILED,
    MISSING,
    NO_FACE,
    NO_USABLE_FACE,
    REJECTED,
    SENT,
    TOO_LARGE,
    kind_of,
)
from semblance_cli.terminal import count, first, listed, output

FORMATS = (".csv", ".json")
DEAD_LETTERS = "semblance dead-letters list"

Row = Mapping[str, str | float]
"""Of a CSV file: column to value."""


def print_plan(items: list[Item], too_large: list[str], address: str) -> None:
    out = output()
    to_send = [item for item in items if item.state is State.TO_SEND]
    megabytes = sum(item.photo.size for item in to_send) / 1e6
    out.print(f"Would send {count(len(to_send), 'photo')}, {megabytes:,.1f} MB, to {address}")
    lines = [f"  {item.photo.file} -> {item.key}" for item in to_send]
    for line in first(lines, "  "):
        out.print(line, markup=False, soft_wrap=True)
    for state, words in (
        (State.INDEXED_BEFORE, "in the collection already"),
        (State.ANSWERED, "with a result already"),
        (State.WAITING, "sent already, result still to come"),
        (State.FAILED, "cannot be read"),
    ):
        if number := sum(item.state is state for item in items):
            out.print(f"{count(number, 'photo')} {words}")
    if too_large:
        out.print(f"Too large (at most 15 MB): {escape(listed(too_large))}", soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Report(ABC):
    collection: str
    items: list[Item]
    too_large: list[str]
    waited_s: float

    @abstractmethod
    def good(self) -> set[str]:
        """The kinds of outcome that need no attention."""

    @abstractmethod
    def headlines(self) -> Iterator[str]:
        """The lines about photos that went well."""

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """For CSV. The first one has all columns."""

    def kinds(self) -> list[tuple[str, str, str]]:
        """Of every photo: kind, reason, file."""
        known = [(*kind_of(item), item.photo.file) for item in self.items]
        if not self.waited_s:
            known = [
                (SENT if kind == MISSING else kind, reason, file) for kind, reason, file in known
            ]
        return known + [(TOO_LARGE, "", file) for file in self.too_large]

    def status(self) -> int:
        return int(any(kind not in {*self.good(), SENT} for kind, _, _ in self.kinds()))

    def write(self, path: Path) -> None:
        if path.suffix == ".json":
            text = json.dumps(list(self._entries()), indent=2, ensure_ascii=False)
            path.write_text(f"{text}\n", encoding="utf-8")
            return
        rows = list(self.rows())
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def print(self) -> None:
        out = output()
        kinds = self.kinds()
        out.print(f"[bold]{escape(self.collection)}[/]: {count(len(kinds), 'photo')}")
        for line in self.headlines():
            out.print(f"  {line}")
        self._print_trouble(out, kinds)
        if sent := sum(kind == SENT for kind, _, _ in kinds):
            out.print(f"  {sent:>6,}  sent; the same command without --wait 0 awaits the results")
        if missing := sum(kind == MISSING for kind, _, _ in kinds):
            self._print_advice(out, missing)
        sys.stdout.flush()

    def _print_trouble(self, out: Console, kinds: list[tuple[str, str, str]]) -> None:
        for trouble in (NO_USABLE_FACE, NO_FACE, REJECTED, TOO_LARGE, FAILED, MISSING):
            files = [(reason, file) for kind, reason, file in kinds if kind == trouble]
            if not files:
                continue
            colour = "yellow" if trouble in self.good() else "red"
            out.print(f"  [{colour}]{len(files):>6,}  {trouble}[/]")
            by_reason: dict[str, list[str]] = {}
            for reason, file in files:
                by_reason.setdefault(reason, []).append(file)
            for reason, named in by_reason.items():
                text = f"{reason}: {listed(named)}" if reason else listed(named)
                out.print(f"          {text}", markup=False, soft_wrap=True)

    def _print_advice(self, out: Console, missing: int) -> None:
        out.print(
            f"\nNo new result came for {self.waited_s:g} s. Run the same command later: it waits "
            f"for {'this one' if missing == 1 else f'these {missing:,}'} again and sends nothing "
            f"twice. A photo that failed five times waits in the dead-letter queue:\n"
            f"  {DEAD_LETTERS}",
            soft_wrap=True,
        )

    def _entries(self) -> Iterator[dict[str, object]]:
        for item in self.items:
            kind, reason = kind_of(item)
            entry = {"file": item.photo.file, "key": item.key, "outcome": kind}
            yield entry | ({"reason": reason} if reason else {}) | {"result": item.result}
        for file in self.too_large:
            yield {"file": file, "key": None, "outcome": TOO_LARGE, "result": None}
