"""Rates and counts in words: for the terminal and for the page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from semblance_cli.accuracy import rates
from semblance_cli.accuracy.measurement import Group, Measurement, Wanted
from semblance_cli.accuracy.rates import Rate
from semblance_cli.terminal import count


def far(rate: Rate) -> str:
    """With its interval; only a bound when there was no false match."""
    if not rate.pairs:
        return "no pairs"
    if not rate.hits:
        return f"below {small(rate.high)}"
    return f"{small(rate.value)} ({small(rate.low)} to {small(rate.high)})"


def tar(rate: Rate) -> str:
    if not rate.pairs:
        return "no pairs"
    return f"{_percent(rate.value)} ({_percent(rate.low)} to {_percent(rate.high)})"


def false_matches(rate: Rate, people: int) -> str:
    """Expected in one search among so many people, a face each."""
    if not rate.pairs:
        return "no pairs"
    if not rate.hits:
        return f"below {_count(rate.high * people)}"
    low, high = _count(rate.low * people), _count(rate.high * people)
    return f"{_count(rate.value * people)} ({low} to {high})"


def similarity(value: float) -> str:
    return f"{value:g}" if value == round(value) else f"{value:.4f}".rstrip("0")


def support(measurement: Measurement) -> str:
    """The lowest rates that so many people can show."""
    found = measurement.distributions
    made = f"{found.people:,} people make {count(found.pairs_of_people, 'pair')} of people"
    if measurement.lowest_firm_far >= 1:
        return f"{made}: far too few to measure a rate. Ten people are a first try."
    return (
        f"{made}. They can show a FAR of {small(measurement.lowest_far)} and above, and one of "
        f"{small(measurement.lowest_firm_far)} and above to within 30 %."
    )


def missing(wanted: Wanted) -> str:
    return f"cannot be shown by so few people: it takes {wanted.people:,}"


def fairness(groups: Sequence[Group]) -> list[str]:
    """Which groups are too small, and at which thresholds groups differ beyond chance."""
    return [*_toosmall(groups), *_differences(groups)]


def _toosmall(groups: Sequence[Group]) -> list[str]:
    return [
        f"{group.name}: {group.people:,} people, {group.people_with_pairs:,} of them with two "
        "photos or more. These numbers are too small to compare; photos of "
        f"{rates.RULE_OF_THIRTY} people with two each are the least."
        for group in groups
        if group.people_with_pairs < rates.RULE_OF_THIRTY
    ]


def _differences(groups: Sequence[Group]) -> list[str]:
    compared = [group for group in groups if group.people_with_pairs >= rates.RULE_OF_THIRTY]
    if len(compared) < 2:
        return ["Fewer than two groups are large enough: nothing can be said about fairness."]
    lines = []
    for place, point in enumerate(compared[0].points):
        for name, of in (("FAR", far), ("TAR", tar)):
            measured = [(getattr(g.points[place], name.lower()), g.name) for g in compared]
            worst = max(measured, key=lambda each: each[0].low)
            best = min(measured, key=lambda each: each[0].high)
            if worst[0].low > best[0].high:
                lines.append(
                    f"At {similarity(point.similarity)} the {name} differs beyond chance: "
                    f"{of(best[0])} for {best[1]}, {of(worst[0])} for {worst[1]}."
                )
    return lines or [
        "The intervals of all groups overlap at every threshold: these photos show no difference. "
        "That is no proof that there is none; more people make the intervals narrower."
    ]


def small(rate: float) -> str:
    """A rate in two digits."""
    if rate >= 0.1:
        return f"{rate:.2f}"
    mantissa, _, exponent = f"{rate:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}" if rate else "0"


def _percent(share: float) -> str:
    """Rounded away from 100: only all is 100 %."""
    return f"{math.floor(share * 1000) / 10:.1f} %"


def _count(number: float) -> str:
    if number >= 10:
        return f"{number:,.0f}"
    return f"{number:.2g}" if number >= 1e-3 else small(number)
