"""`make faults`: every fault at every AWS call of every scenario, and the table of the outcomes."""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache

from rich.console import Console
from rich.progress import track

from tests.faults import record, report
from tests.faults.network import Fault
from tests.faults.record import Cells
from tests.faults.scenarios import BY_NAME, SCENARIOS
from tests.faults.trial import Outcome, Stage
from tests.faults.world import World


def main() -> int:
    wanted = _arguments()
    console = Console()
    found: record.Record = {}
    holes: list[str] = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        done = pool.map(_try_out, wanted)
        for name, (cells, told) in track(
            zip(wanted, done, strict=True), "Faults", len(wanted), console=console
        ):
            found[name] = cells
            holes += told
    report.save(found, SCENARIOS)
    console.print(report.table(found), *holes, sep="\n")
    trials = sum(len(row) for rows in found.values() for row in rows.values())
    console.print(f"{trials} trials at {sum(map(len, found.values()))} calls, {len(holes)} holes")
    return 1 if holes else 0


def _arguments() -> list[str]:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument(
        "asked", nargs="*", help="prefixes of scenario names; all scenarios if none is given"
    )
    beginnings = tuple(parser.parse_args().asked)
    return [each.name for each in SCENARIOS if each.name.startswith(beginnings or "")]


def _try_out(name: str) -> tuple[dict[str, Cells], list[str]]:
    """Runs in a process of the pool."""
    logging.disable(logging.CRITICAL)
    with contextlib.redirect_stdout(io.StringIO()):  # metrics, as Lambda would read them
        outcomes = list(_outcomes(Stage(_world(), BY_NAME[name])))
    holes = [
        f"HOLE in {name}, {each.fault.site} #{each.fault.site.number}, {each.fault.kind}: {hole}"
        for each in outcomes
        for hole in each.holes
    ]
    return record.of(outcomes), holes


@cache
def _world() -> World:
    return World()


def _outcomes(stage: Stage) -> Iterator[Outcome]:
    for site in stage.clean.sites:
        for kind in record.kinds_at(site):
            yield stage.try_out(Fault(site, kind))


if __name__ == "__main__":
    sys.exit(main())
