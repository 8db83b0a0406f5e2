"""The judgements of checks: state, observation, expectation and remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semblance_cli.check.context import Context


class State(StrEnum):
    OK = "ok"
    FAILED = "failed"
    WARNING = "warning"
    UNKNOWN = "not known"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    state: State
    seen: str
    wanted: str = ""
    remedy: str = ""
    of: str = ""
    """The part that it is about, where a check looks at several: a function, a bucket."""


@dataclass(frozen=True, slots=True)
class Check:
    id: str
    """Stays the same between versions: reports are compared by it."""
    title: str
    run: Callable[[Context], Iterator[Verdict]]
    needs: tuple[str, ...] = ()
    """IAM actions of the caller."""
    local: bool = True
    """False if a local cloud leaves out the property: a failure there says nothing."""
    calls: bool = False
    """Whether it calls the API. It is skipped when the first signed call had no reply."""


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    group: str
    check: Check
    verdict: Verdict


def ok(seen: str, *, of: str = "") -> Verdict:
    return Verdict(state=State.OK, seen=seen, of=of)


def failed(seen: str, wanted: str, remedy: str, *, of: str = "") -> Verdict:
    return Verdict(state=State.FAILED, seen=seen, wanted=wanted, remedy=remedy, of=of)


def warning(seen: str, wanted: str, remedy: str, *, of: str = "") -> Verdict:
    return Verdict(state=State.WARNING, seen=seen, wanted=wanted, remedy=remedy, of=of)


def unknown(seen: str, remedy: str = "", *, of: str = "") -> Verdict:
    return Verdict(state=State.UNKNOWN, seen=seen, remedy=remedy, of=of)


def skipped(why: str, *, of: str = "") -> Verdict:
    return Verdict(state=State.SKIPPED, seen=why, of=of)


def expect(good: bool, seen: str, wanted: str, remedy: str, *, of: str = "") -> Verdict:
    return ok(seen, of=of) if good else failed(seen, wanted, remedy, of=of)
