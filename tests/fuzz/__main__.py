"""Hostile input: `make fuzz N=1000`, `python -m tests.fuzz --again out/fuzz/<file>`.

Generated requests, mutated pictures, dropped photos with any name and forged signatures go to the
real handlers in a child process. No answer may be a fault or take more than 10 seconds or 1,024
MiB, and no photo may be retried for ever. Cases that break these rules are kept in out/fuzz/.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from semblance_cli.signals import unwind_on_signals
from tests.fuzz import run
from tests.fuzz.report import Report, markdown, show
from tools.terminal import console


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.again:
        reports = [run.again(file) for file in options.again]
        for report in reports:
            show(report)
    else:
        console.print(f"seed {options.seed}: N={options.number} SEED={options.seed} repeats this")
        reports = [_run(part, options) for part in options.parts or run.PARTS]
    return 1 if any(report.findings for report in reports) else 0


def _run(part: str, options: argparse.Namespace) -> Report:
    plan = run.Plan(options.seed, options.number, options.minutes * 60)
    report = run.run(run.PARTS[part], plan)
    show(report)
    run.KEPT.mkdir(parents=True, exist_ok=True)
    (run.KEPT / f"{part}.md").write_text(markdown(report) + "\n", encoding="utf-8")
    for finding in report.findings:
        console.print(f".venv/bin/python -m tests.fuzz --again {finding.file}", soft_wrap=True)
    return report


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*run.PARTS, []], help="all unless named")
    parser.add_argument(
        "-n", "--number", type=int, default=1000, help="number of cases in each part"
    )
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(10**6), help="any unless given"
    )
    parser.add_argument(
        "--minutes", type=float, default=run.NO_END, help="time limit for each part"
    )
    parser.add_argument("--again", type=Path, nargs="+", help="kept cases to try again")
    return parser


if __name__ == "__main__":
    unwind_on_signals()
    sys.exit(main())
