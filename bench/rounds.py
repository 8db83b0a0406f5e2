"""Interleaved rounds: A B C, B C A, ..., so that a disturbed machine disturbs all of them alike."""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from bench.figures import Summary

Answer = TypeVar("Answer")
Measure = Callable[[int], Answer]
"""Takes the number of the round, returns one measurement."""

ROUNDS = 9


class Taken(NamedTuple):
    """Milliseconds on the wall clock, and processor milliseconds of all threads of the process."""

    wall: float
    cpu: float


class Stopwatch:
    """Measures both clocks, because other work on the machine slows the wall clock alone."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def taken(self) -> Taken:
        return Taken(
            (time.perf_counter() - self._wall) * 1000, (time.process_time() - self._cpu) * 1000
        )


def interleaved(measures: Mapping[str, Measure[Answer]], rounds: int) -> dict[str, list[Answer]]:
    """Each round starts with another measure. An extra first round warms up and is not kept."""
    names = list(measures)
    found: dict[str, list[Answer]] = {name: [] for name in names}
    for number in range(rounds + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            value = measures[name](number)
            if number:
                found[name].append(value)
    return found


def summary(milliseconds: list[float]) -> Summary:
    return {
        "median": round(statistics.median(milliseconds), 3),
        "min": round(min(milliseconds), 3),
        "max": round(max(milliseconds), 3),
        "rounds": len(milliseconds),
    }
