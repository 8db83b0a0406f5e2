"""Drops photos all at once, with duplicates, poison and faults: each must count exactly once.

`python -m tests.load.event_load [--photos 1000]` deploys to a local cloud of its own, with IAM
enforced, and prints its problems and times.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from semblance.contract import layout
from semblance_cli.signals import unwind_on_signals
from tests.load.drops import Plan, plan
from tests.load.faults import VISIBILITY_SECONDS, denied, short_visibility
from tests.load.listening import Event, Listen, listening
from tests.load.report import Check, Report
from tests.load.target import Target
from tools.local.cloud import Deployment, LocalCloud
from tools.local.emulator import Emulator, free_port
from tools.terminal import console, step

_PUTS_AT_ONCE = 8
_SOON_SECONDS = 2
_PAUSE_SECONDS = 0.5


class Load:
    def __init__(self, target: Target, planned: Plan) -> None:
        self._target, self._plan = target, planned
        self._versions: dict[str, str] = {}
        self._report = Report(len(planned.at_once) + len(planned.later) + 2)

    def run(self, listen: Listen, timeout_seconds: float) -> tuple[Report, list[Event]]:
        """The report, and all events."""
        target, key = self._target, self._plan.denied.key
        target.rekognition.create_collection(CollectionId=target.collection)
        with short_visibility(target) as change_visibility:
            with denied(target, key):
                started = time.monotonic()
                self._drop()
                self._report.put_seconds = time.monotonic() - started
                self._await_results(timeout_seconds)
                self._report.seconds = time.monotonic() - started
                if layout.result_name(key) in target.result_names():
                    self._report.problems.append("the photo that may not be read has a result")
            change_visibility(_SOON_SECONDS)
            _await(lambda: target.messages() == 0, 2 * VISIBILITY_SECONDS + timeout_seconds / 4)
        events = listen()
        Check(target, self._plan, self._versions, events, self._report).run()
        return self._report, events

    def _drop(self) -> None:
        vanishing = self._plan.vanishing
        self._versions[vanishing.key] = self._target.put_and_delete(vanishing)
        with ThreadPoolExecutor(_PUTS_AT_ONCE) as pool:
            for drops in (self._plan.at_once, [*self._plan.later, self._plan.denied]):
                versions = pool.map(self._target.put, drops)
                keys = [drop.key for drop in drops]
                self._versions |= dict(zip(keys, versions, strict=True))

    def _await_results(self, timeout_seconds: float) -> None:
        """Wait for the results of all photos without a fault, and of their last versions."""
        expected = self._plan.standing.keys() - {self._plan.denied.key}
        names = {layout.result_name(key) for key in expected}
        _await(lambda: names <= self._target.result_names(), timeout_seconds)
        _await(lambda: self._target.messages() <= 2, timeout_seconds)


def _await(done: Callable[[], bool], timeout_seconds: float) -> None:
    """Return after the timeout as well: the checks report missing results."""
    ends = time.monotonic() + timeout_seconds
    while not done() and time.monotonic() < ends:
        time.sleep(_PAUSE_SECONDS)


def run(
    deployment: Deployment, collection: str, *, photos: int, timeout_seconds: float
) -> tuple[Report, list[Event]]:
    """The report, and all events."""
    with listening(deployment) as listen:
        load = Load(Target.of(deployment, collection), plan(collection, photos))
        return load.run(listen, timeout_seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.event_load", description=__doc__)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2, help="at a time (default: %(default)s)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as directory:
        emulator = Emulator(directory=Path(directory) / "cloud", port=free_port(), iam=True)
        choices = {"worker_max_concurrency": str(options.workers)}
        title = f"{options.photos} photos dropped at once"
        with LocalCloud(emulator, step, choices) as deployment, step(title):
            patience = max(120, options.photos)
            report, _ = run(deployment, "load", photos=options.photos, timeout_seconds=patience)
    say(report)
    return bool(report.problems)


def say(report: Report) -> None:
    rate = report.photos / report.seconds
    console.print(f"put in {report.put_seconds:.1f} s")
    console.print(f"all results after {report.seconds:.1f} s, {rate:.1f} photos a second")
    for outcome, number in sorted(report.outcomes.items()):
        console.print(f"{outcome}: {number}")
    console.print(f"faces stored: {report.faces}")
    console.print(f"events: {report.events}, {report.doubled_events} of them a second time")
    console.print(f"dead letters: {', '.join(report.dead_letters) or 'none'}")
    for problem in report.problems:
        console.print(f"[bold red]wrong:[/] {problem}")


if __name__ == "__main__":
    unwind_on_signals()
    sys.exit(main())
