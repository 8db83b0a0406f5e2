"""The report: lines for the owner, and JSON without names of the account for its developers."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from semblance_cli.check.findings import Finding, State
from semblance_cli.terminal import count

_WIDTH = 80
_STATE_COLUMNS = 11
_STYLES = {
    State.OK: "green",
    State.FAILED: "bold red",
    State.WARNING: "yellow",
    State.UNKNOWN: "cyan",
    State.SKIPPED: "dim",
}
_IDENTITY = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::[^\s,;)]*")
_ACCOUNT = re.compile(r"\b\d{12}\b")
_KEY_ID = re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b")
_HOST = re.compile(r"(?<=://)[^\s/\"']+")


def style(state: State) -> str:
    return _STYLES[state]


def title(finding: Finding) -> str:
    of = finding.verdict.of
    return f"{finding.check.title}, {of}" if of else finding.check.title


def lines(finding: Finding) -> list[str]:
    """The first line without its state, then wanted and remedy, unless all is well."""
    verdict = finding.verdict
    room = _WIDTH - _STATE_COLUMNS
    first = _filled(f"{title(finding)}: {verdict.seen}", room)
    if verdict.state in (State.OK, State.SKIPPED):
        return first
    wanted = _filled(f"wanted: {verdict.wanted}", room) if verdict.wanted else []
    return first + wanted + (_filled(f"remedy: {verdict.remedy}", room) if verdict.remedy else [])


def _filled(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def counts(findings: Sequence[Finding]) -> dict[State, int]:
    found = Counter(each.verdict.state for each in findings)
    return {state: found[state] for state in State}


def summary(findings: Sequence[Finding]) -> str:
    return ", ".join(f"{number} {state}" for state, number in counts(findings).items() if number)


def judgement(findings: Sequence[Finding]) -> str:
    number = counts(findings)[State.FAILED]
    return f"{count(number, 'check')} failed." if number else "Nothing failed."


def as_json(findings: Sequence[Finding], about: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **about,
        "Counts": {str(state): number for state, number in counts(findings).items()},
        "Findings": [_member(each) for each in findings],
    }


def _member(finding: Finding) -> dict[str, str]:
    verdict = finding.verdict
    return {
        "Id": finding.check.id,
        "Group": finding.group,
        "Title": finding.check.title,
        "Of": verdict.of,
        "State": str(verdict.state),
        "Seen": masked(verdict.seen),
        "Wanted": masked(verdict.wanted),
        "Remedy": masked(verdict.remedy),
    }


def masked(text: str) -> str:
    """Without account ids, ARNs of people and roles, ids of access keys and host names."""
    for pattern, mask in (
        (_IDENTITY, "IDENTITY"), (_ACCOUNT, "ACCOUNT"), (_KEY_ID, "KEY"), (_HOST, "HOST"),
    ):  # fmt: skip
        text = pattern.sub(mask, text)
    return text
