"""Outcome: the result of a case, and whether the limits allow it."""

from dataclasses import dataclass, replace

LEAST_MEMORY_MIB = 1024
"""The memory of the smallest function that a deployment can have (infra/config.py), Python and
models included: Lambda kills a process that takes more."""


@dataclass(frozen=True)
class Limits:
    seconds: float = 10.0
    """Time for one answer."""
    memory_mib: int = LEAST_MEMORY_MIB
    """Resident memory, at any moment."""
    patience_seconds: float = 60.0
    """Time until a process that does not answer is killed."""


@dataclass(frozen=True)
class Outcome:
    code: str
    """`200`, the code of the error, `ImageRejected` and the like; or how the process ended."""
    seconds: float = 0.0
    peak_mib: float = 0.0
    problem: str | None = None
    """The reason why this outcome is a finding."""
    story: str = ""
    """The stack trace, if there is one."""
    resident_mib: float = 0.0
    """Resident memory after the case."""


def judged(outcome: Outcome, limits: Limits) -> Outcome:
    """Adds a problem for time or memory, unless the outcome has one already."""
    if outcome.problem:
        return outcome
    if outcome.seconds > limits.seconds:
        return replace(outcome, problem=f"took {outcome.seconds:.1f} s")
    if outcome.peak_mib > limits.memory_mib:
        return replace(outcome, problem=f"took {outcome.peak_mib:.0f} MiB")
    return outcome
