"""Counts of one figure on one set of pictures, and the names of the pictures that failed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict


class Row(TypedDict):
    """As it stands in bench/results/wholeness.json."""

    figure: str
    set: str
    of: int
    counts: dict[str, int]
    """Failures by kind; `bad` counts each case once."""


@dataclass(slots=True)
class Tally:
    figure: str
    set: str
    kinds: Sequence[str] = ()
    of: int = 0
    failed: dict[str, list[str]] = field(default_factory=dict)

    def passed(self) -> None:
        self.of += 1

    def fails(self, kind: str, case: str) -> None:
        self.of += 1
        self.note(kind, case)

    def note(self, kind: str, case: str) -> None:
        """Another kind of failure of a case that is counted already."""
        self.failed.setdefault(kind, []).append(case)

    def row(self) -> Row:
        kinds = dict.fromkeys([*self.kinds, *self.failed])
        counts = {kind: len(self.failed.get(kind, ())) for kind in kinds}
        return {"figure": self.figure, "set": self.set, "of": self.of, "counts": counts}
