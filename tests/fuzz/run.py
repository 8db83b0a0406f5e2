"""A run: sends case after case to the process under test, counts outcomes and keeps findings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.fuzz import photos, pictures, requests, signatures, ways_in
from tests.fuzz.cases import Case
from tests.fuzz.outcomes import Limits
from tests.fuzz.report import Finding, Report, complain_of
from tests.fuzz.subject import MakeAnswer, Subject
from tools.checkout import CHECKOUT
from tools.terminal import console

KEPT = CHECKOUT / "out" / "fuzz"
NO_END = float("inf")


@dataclass(frozen=True)
class Part:
    """One kind of input, and the entry point that it goes to."""

    name: str
    cases: Callable[[int, int], Iterator[Case]]
    """Makes the cases from a seed and a number of them."""
    make_answer: MakeAnswer


PARTS = {
    part.name: part
    for part in (
        Part("requests", requests.cases, ways_in.requests),
        Part("pictures", pictures.cases, ways_in.pictures),
        Part("photos", photos.cases, ways_in.photos),
        Part("signatures", signatures.cases, ways_in.signatures),
    )
}


@dataclass(frozen=True)
class Plan:
    seed: int
    count: int
    seconds: float = NO_END
    """The moment to stop, even if not all cases are done."""
    limits: Limits = field(default_factory=Limits)
    folder: Path = KEPT


def run(part: Part, plan: Plan) -> Report:
    report = Report(part.name)
    with Subject(part.make_answer, plan.limits) as subject, _progress() as progress:
        bar = progress.add_task(part.name, total=plan.count, told="")
        ends = time.monotonic() + plan.seconds
        for case in part.cases(plan.seed, plan.count):
            if time.monotonic() > ends:
                break
            _try(case, subject, report, plan)
            slowest = report.extremes["seconds"][1].seconds
            told = f"{len(report.findings)} findings, slowest {slowest:.1f} s"
            progress.update(bar, advance=1, told=told)
    return report


def again(file: Path, parts: Mapping[str, Part] = PARTS) -> Report:
    """Tries a kept case again."""
    case = Case.read(file)
    report = Report(case.part)
    with Subject(parts[case.part].make_answer) as subject:
        outcome = subject.try_one(case)
    report.note(case, outcome)
    if outcome.problem:
        report.findings.append(Finding(case, outcome, file))
        complain_of(report.findings[-1])
    return report


def _try(case: Case, subject: Subject, report: Report, plan: Plan) -> None:
    outcome = subject.try_one(case)
    report.note(case, outcome)
    if outcome.problem:
        file = plan.folder / f"{case.part}-{plan.seed}-{case.number}.json"
        case.write(file)
        report.findings.append(Finding(case, outcome, file))
        complain_of(report.findings[-1])


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[told]}"),
        console=console,
    )
