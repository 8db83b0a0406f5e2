"""One trial: a scenario, one fault at one of its calls, the same request again, and the check."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from semblance import errors
from tests.faults import aws, child, invariants
from tests.faults.kinds import Killed
from tests.faults.network import Fault, Run
from tests.faults.scenarios import Facts, Scenario
from tests.faults.sites import Site, to_be_tried
from tests.faults.world import QUIET_SECONDS, Answer, Process, World

UNNOTICED, REPEATED, DONE = "unnoticed", "repeated", "done already"


@dataclass
class Outcome:
    fault: Fault
    kind: str
    """UNNOTICED: the answer was the same as without the fault. REPEATED: the answer was an error or
    missing, and the same request again was answered as if it came first. DONE: the same request
    again was answered as one that comes second, because the first had taken effect."""
    miscounted: bool = False
    """How long a leftover may stay: until the compactor has run."""
    holes: list[str] = field(default_factory=list)


@dataclass
class Clean:
    """The course without a fault: the answer to the request, and to the same request again."""

    first: Answer
    second: Answer
    sites: list[Site]
    before: dict[str, Any]
    after: dict[str, Any]


class Stage:
    """A scenario that is set up once and played with one fault after the other."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        world.begin()
        self.world = world
        self.scenario = scenario
        self.facts: Facts = scenario.prepare(world)
        self._state = aws.state()
        self._now = world.clock.now
        self._only_reads = False
        self._run = Run([], 0)
        self.clean = self._play_clean()

    def try_out(self, fault: Fault) -> Outcome:
        process, other = self._set()
        first = self._act(process, fault)
        outcome = Outcome(fault, UNNOTICED)
        outcome.holes += self._after_fault(first)
        if first is None:
            process = self._process()
        answer = first
        if not (first and self._is_clean(first)):
            answer = self._act(process)
            outcome.kind = REPEATED if answer == self.clean.first else DONE
        outcome.holes += self._at_the_end(answer)
        items = self.world.items()
        outcome.miscounted = any(invariants.miscounted(items))
        outcome.holes += self._as_seen_by(process, other)
        if self.scenario.has_token:
            outcome.holes += self._replayed(process, answer)
        if not self._only_reads:
            outcome.holes += self._compacted(process)
        return outcome

    def _play_clean(self) -> Clean:
        process, _ = self._set()
        before = self.world.items()
        first = self._act(process)
        sites = to_be_tried(self._run.sites)
        after = self.world.items()
        self._only_reads = before == after
        second = self._act(process)
        assert first is not None
        assert second is not None
        return Clean(first, second, sites, invariants.domain(before), invariants.domain(after))

    def _set(self) -> tuple[Process, Process | None]:
        """The process that takes the request, and another one that has to see its effect."""
        self.world.go_back_to(self._state, now=self._now, uids=1000)
        return self._process(), None if self._only_reads else self._process(warm=True)

    def _process(self, *, warm: bool | None = None) -> Process:
        process = self.world.process()
        if self.scenario.is_warm if warm is None else warm:
            process.warm_up()
        return process

    def _act(self, process: Process, fault: Fault | None = None) -> Answer | None:
        """Returns None when the process was killed."""
        self.world.clock.now += 1
        self.world.network.begin(fault)
        work = partial(self.scenario.act, process, copy.deepcopy(self.facts))
        try:
            is_child = fault is not None and fault.kind.in_child
            answer = child.act(self.world.network, work) if is_child else work()
        except Killed:
            answer = None
        self._run = self.world.network.end()
        if fault and not self._run.faults:
            raise RuntimeError(f"{fault} did not happen")
        if answer and answer.is_success and self.scenario.is_photo:
            answer.body = self.world.told_of(self.facts["notice"])
        return answer

    def _is_explained(self, answer: Answer) -> bool:
        """Whether the answer is that of a first request or, unless a token marks it as the same,
        of a second. If part of it took effect before, each entry may be from either of them."""
        first, second = self.clean.first, self.clean.second
        if answer in (first, second):
            return True
        return not self.scenario.has_token and all(
            entry in [*first.body[name], *second.body[name]]
            for name, entries in answer.body.items()
            for entry in entries
        )

    def _is_clean(self, answer: Answer) -> bool:
        return answer == self.clean.first

    def _after_fault(self, first: Answer | None) -> Iterator[str]:
        if first is not None and not self._is_clean(first) and not _is_transient(first):
            yield f"answered {first.status} {_short(first.body)}"
        items = self.world.items()
        yield from invariants.halves(items)
        now = invariants.domain(items)
        yield from invariants.between(now, self.clean.before, self.clean.after)

    def _at_the_end(self, answer: Answer | None) -> Iterator[str]:
        if not (answer and self._is_explained(answer)):
            yield f"the same request again is answered {_short(answer and answer.body)}"
        items = self.world.items()
        yield from invariants.halves(items)
        if invariants.domain(items) != self.clean.after:
            yield "the stored items differ from those without the fault"

    def _as_seen_by(self, process: Process, other: Process | None = None) -> Iterator[str]:
        items = self.world.items()
        yield from invariants.unlisted(items, process)
        for seen_by in (process, other, self.world.process()):
            if seen_by:
                yield from invariants.unseen(items, seen_by)

    def _compacted(self, process: Process) -> Iterator[str]:
        self.world.clock.now += QUIET_SECONDS
        told = self.world.process().compact()
        if not told.is_success:
            yield f"the compactor fails: {_short(told.body)}"
        items = self.world.items()
        yield from invariants.halves(items)
        yield from invariants.miscounted(items)
        if invariants.domain(items) != self.clean.after:
            yield "the compactor has changed the stored items"
        yield from self._as_seen_by(process)

    def _replayed(self, process: Process, answer: Answer | None) -> Iterator[str]:
        replay = self._act(process)
        if replay != answer:
            yield f"the token is answered {_short(replay and replay.body)} the next time"


def _is_transient(answer: Answer) -> bool:
    if answer.status >= 500:
        return True
    code = str(answer.body.get("__type", "")).rpartition("#")[2]
    return bool(getattr(errors, code, errors.ServiceError).transient)


def _short(body: Any) -> str:
    text = str(body)
    return text if len(text) <= 120 else f"{text[:120]}..."
