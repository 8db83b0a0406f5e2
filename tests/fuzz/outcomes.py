"""Outcome: what became of a case, and whether that may be."""

from dataclasses import dataclass, replace

LEAST_MEMORY_MIB = 1024
"""Of the smallest function that a deployment can have (infra/config.py), Python and models
included: Lambda kills a process that takes more."""


@dataclass(frozen=True)
class Limits:
    seconds: float = 10.0
    """For one answer."""
    memory_mib: int = LEAST_MEMORY_MIB
    """Resident, at any moment."""
    patience_seconds: float = 60.0
    """Until a process that does not answer is ended."""


@dataclass(frozen=True)
class Outcome:
    code: str
    """`200`, the code of the error, `ImageRejected` and the like; what ended the process."""
    seconds: float = 0.0
    peak_mib: float = 0.0
    problem: str | None = None
    """Why this may not be."""
    story: str = ""
    """The stack, if there is one."""
    resident_mib: float = 0.0
    """Once it was over."""


def judged(outcome: Outcome, limits: Limits) -> Outcome:
    """Whatever else may be wrong with it comes first."""
    if outcome.problem:
        return outcome
    if outcome.seconds > limits.seconds:
        return replace(outcome, problem=f"took {outcome.seconds:.1f} s")
    if outcome.peak_mib > limits.memory_mib:
        return replace(outcome, problem=f"took {outcome.peak_mib:.0f} MiB")
    return outcome
