"""Runs checks one after the other; an error of AWS becomes a finding and ends no run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from botocore.exceptions import BotoCoreError, ClientError

from semblance_cli.check.context import Context
from semblance_cli.check.findings import (
    Check,
    Finding,
    Group,
    State,
    Verdict,
    failed,
    skipped,
    unknown,
)
from semblance_cli.problems import code_of, status_of

_DENIED = re.compile("AccessDenied|Unauthorized|NotAuthorized|AuthorizationError|^403$")
_ACTION = re.compile(r"perform: ([A-Za-z0-9-]+:[A-Za-z]+)")
_MISSING = re.compile("NotFound|^NoSuch|NonExistent|DoesNotExist|^404$")
_FORBIDDEN = 403


def findings(
    context: Context, groups: Iterable[Group], say: Callable[[str], object]
) -> Iterator[Finding]:
    for group in groups:
        for check in group.checks:
            say(f"{group.title}: {check.title}")
            if check.calls and not context.answers:
                skip = skipped("the signed call was not answered, see above")
                yield Finding(group.title, check, skip)
                continue
            for verdict in _verdicts(context, check):
                yield Finding(group.title, check, _in_its_place(context, check, verdict))


def _verdicts(context: Context, check: Check) -> Iterator[Verdict]:
    try:
        yield from check.run(context)
    except ClientError as error:
        yield _of_error(error, check)
    except BotoCoreError as error:
        yield unknown(str(error), "Is the network up? Run the check again.")


def _in_its_place(context: Context, check: Check, verdict: Verdict) -> Verdict:
    if context.is_local and not check.local and verdict.state in (State.FAILED, State.WARNING):
        return skipped(f"a local cloud leaves this out ({verdict.seen})", of=verdict.of)
    return verdict


def _of_error(error: ClientError, check: Check) -> Verdict:
    code = code_of(error)
    if _DENIED.search(code) or status_of(error) == _FORBIDDEN:
        named = _ACTION.search(str(error))
        actions = named[1] if named else ", ".join(check.needs)
        return unknown(f"you may not ask ({code})", f"Ask for the permission {actions}.")
    if _MISSING.search(code):
        return failed(
            f"not there ({code}: {error.response['Error'].get('Message', '')})",
            "the stack's resource",
            "Somebody has removed it. `cdk deploy` restores no resource that others remove: "
            "`aws cloudformation detect-stack-drift` lists all differences.",
        )
    return unknown(str(error))
