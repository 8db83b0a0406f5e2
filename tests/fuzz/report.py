"""Report of a run: how many cases of each kind had each outcome, the slowest, the one that took
most memory, and the findings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rich.table import Table

from tests.fuzz.cases import Case
from tests.fuzz.outcomes import Outcome
from tools.terminal import console

_EXTREMES = {"slowest answer": "seconds", "most memory": "peak_mib"}
_STORY_LINES = 12
_RESIDENT_EVERY, _SHOWN = 1000, 10


@dataclass(frozen=True)
class Finding:
    case: Case
    outcome: Outcome
    file: Path | None
    """The file in which the case is kept, to be tried again."""


@dataclass
class Report:
    part: str
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    extremes: dict[str, tuple[Case, Outcome]] = field(default_factory=dict)
    resident_mib: list[float] = field(default_factory=list)
    """Resident memory every thousand cases, which shows leaks."""

    def note(self, case: Case, outcome: Outcome) -> None:
        if self.total % _RESIDENT_EVERY == 0:
            self.resident_mib.append(outcome.resident_mib)
        self.counts[case.kind, outcome.code] += 1
        for measure in _EXTREMES.values():
            most = self.extremes.get(measure)
            if most is None or getattr(outcome, measure) > getattr(most[1], measure):
                self.extremes[measure] = case, outcome

    @property
    def total(self) -> int:
        return self.counts.total()


def table_of(report: Report) -> Table:
    kinds, codes = _axes(report)
    table = Table()
    table.add_column(report.part, no_wrap=True)
    for kind in kinds:
        table.add_column(kind, justify="right")
    for code in codes:
        table.add_row(code, *_row(report, kinds, code))
    return table


def markdown(report: Report) -> str:
    """The table of docs/reliability.md."""
    kinds, codes = _axes(report)
    rows = [[report.part, *kinds], ["---", *["--:"] * len(kinds)]]
    rows += [[code, *_row(report, kinds, code)] for code in codes]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(report: Report, kinds: list[str], code: str) -> list[str]:
    counts = [report.counts[kind, code] for kind in kinds]
    return [f"{count:,}" if count else "" for count in counts]


def _axes(report: Report) -> tuple[list[str], list[str]]:
    """The kinds, and the codes in order of frequency."""
    codes: Counter[str] = Counter()
    for (_, code), count in report.counts.items():
        codes[code] += count
    return sorted({kind for kind, _ in report.counts}), [code for code, _ in codes.most_common()]


def show(report: Report) -> None:
    console.print(table_of(report))
    for name, measure in _EXTREMES.items():
        if measure in report.extremes:
            case, outcome = report.extremes[measure]
            told = f"{outcome.seconds:.2f} s, {outcome.peak_mib:.0f} MiB"
            console.print(f"{name}: {told}: {case.kind}, {case.made}", markup=False)
    told = ", ".join(f"{mib:.0f}" for mib in report.resident_mib[-_SHOWN:])
    console.print(f"resident between cases, every {_RESIDENT_EVERY}: {told} MiB")


def complain_of(finding: Finding) -> None:
    console.print(f"[red]✗[/] {finding.case.part} {finding.case.number}:", end=" ")
    console.print(f"{finding.case.kind}, {finding.case.made}", markup=False, soft_wrap=True)
    console.print(f"  {finding.outcome.problem}", markup=False, soft_wrap=True)
    for line in finding.outcome.story.splitlines()[-_STORY_LINES:]:
        console.print(f"  {line}", markup=False, soft_wrap=True)
