"""Rounds: A B C A B C ..., so that what disturbs the machine disturbs all alike."""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Measure = Callable[[int], Any]
"""Of the number of the round: milliseconds, or whatever is measured."""

ROUNDS = 9


class Taken(NamedTuple):
    """Milliseconds, by the clock on the wall and by that of the process, all of its threads."""

    wall: float
    cpu: float


class Stopwatch:
    """What the machine does for others is in the first of its times and not in the second."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def taken(self) -> Taken:
        return Taken(
            (time.perf_counter() - self._wall) * 1000, (time.process_time() - self._cpu) * 1000
        )


def interleaved(measures: Mapping[str, Measure], rounds: int) -> dict[str, list[Any]]:
    """Each round starts with another of them; the first, which warms all up, is not kept."""
    names = list(measures)
    found: dict[str, list[Any]] = {name: [] for name in names}
    for number in range(rounds + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            value = measures[name](number)
            if number:
                found[name].append(value)
    return found


def summary(values: list[float]) -> dict[str, float | int]:
    """Of milliseconds: what is published."""
    return {
        "median": round(statistics.median(values), 3),
        "min": round(min(values), 3),
        "max": round(max(values), 3),
        "rounds": len(values),
    }
