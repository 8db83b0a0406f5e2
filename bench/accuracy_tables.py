"""The tables of docs/accuracy.md and the README, from the last `make accuracy`."""

import math
from collections.abc import Sequence

from bench.figures import (
    Accuracy,
    AccuracyElsewhere,
    AccuracyPoint,
    AccuracyRow,
    Elsewhere,
    Head,
    PackAccuracy,
)
from bench.tables import table
from semblance_cli.accuracy import rates

_SEARCHED = (1_000, 100_000, 1_000_000)
_FARS, _RULES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6), (rates.RULE_OF_THREE, rates.RULE_OF_THIRTY)
_SHOWN_FIRST = "open"
"""The default pack, which the README shows."""


class Measured(Accuracy, Head):
    """As the file holds it."""


def photos(figure: Measured) -> str:
    row = _row(figure["packs"][0], "NONE")
    return (
        f"{figure['photos']:,} photos of {figure['people']:,} people: {row['genuine_pairs']:,} "
        f"pairs of one person, of the {row['people_with_pairs']:,} people with several photos, and "
        f"{row['impostor_pairs']:,} pairs of two. Measured {figure['machine']['at']}. So many "
        f"people can show a FAR of {_small(row['lowest_far'])} and above; figures below that are "
        "in italics."
    )


def curve(figure: Measured) -> str:
    """One table for each embedder."""
    parts = []
    for model_id in dict.fromkeys(pack["model_id"] for pack in figure["packs"]):
        packs = [pack for pack in figure["packs"] if pack["model_id"] == model_id]
        names = ", ".join(f"`{pack['pack']}`" for pack in packs)
        cosines, similarities = zip(*packs[0]["calibration"], strict=True)
        header = [f"cosine, {names}", *(f"{cosine:g}" for cosine in cosines)]
        rows = [["similarity", *(f"{similarity:g}" for similarity in similarities)]]
        parts.append(table(header, rows))
    return "\n\n".join(parts)


def thresholds(figure: Measured) -> str:
    header = (
        "pack", "similarity", "FAR", "TAR", "TAR with `AUTO`",
        "false matches a search among " + " / ".join(f"{each:,}" for each in _SEARCHED),
    )  # fmt: skip
    return table(header, [row for pack in figure["packs"] for row in _thresholds(pack)])


def at_far(figure: Measured) -> str:
    wanted = [each["wanted"] for each in _row(figure["packs"][0], "NONE")["at_far"]]
    header = ("TAR at a FAR of", *map(_power, wanted))
    rows = []
    for pack in figure["packs"]:
        for words, name in (("", "NONE"), (", `AUTO`", "AUTO")):
            row = _row(pack, name)
            cells = (_at_far(each, each["supported"]) for each in row["at_far"])
            rows.append([f"`{pack['pack']}`{words}", *cells])
    return table(header, rows)


def auto(figure: Measured) -> str:
    dropped = [(pack["pack"], _row(pack, "AUTO")) for pack in figure["packs"]]
    shares = ", ".join(
        f"{100 * row['dropped_by_filter'] / figure['photos']:.1f} % with `{name}`"
        for name, row in dropped
    )
    missing = ", ".join(
        f"{_row(pack, 'NONE')['without_face']:,} with `{pack['pack']}`" for pack in figure["packs"]
    )
    return f"Photos in which no face was found: {missing}. `AUTO` drops {shares}."


def elsewhere(figure: Measured, other: AccuracyElsewhere) -> str:
    """Of the embedders that the packs have."""
    similarities = list(other["rows"][0]["thresholds"])
    fars = list(other["rows"][0]["at_far"])
    header = (
        "",
        *(f"FAR / TAR at {each}" for each in similarities),
        *(f"TAR at {each}" for each in fars),
    )
    rows = []
    for each in other["rows"]:
        packs = [pack for pack in figure["packs"] if pack["model_id"] == each["model_id"]]
        if packs:
            names = ", ".join(f"`{pack['pack']}`" for pack in packs)
            rows.append([names, *_elsewhere(each, similarities, fars)])
    return f"{other['source']}\n\n{table(header, rows)}"


def people() -> str:
    """Computed, not measured."""
    header = ("to show a FAR of", "people at least", "to know it to 30 %")
    rows = [
        [_power(far), *(f"{rates.people_for(far, rule):,}" for rule in _RULES)] for far in _FARS
    ]
    return table(header, rows)


def readme(figure: Measured) -> str:
    """The default pack alone."""
    pack = next(pack for pack in figure["packs"] if pack["pack"] == _SHOWN_FIRST)
    row = _row(pack, "NONE")
    million = _SEARCHED[-1]
    header = ("`FaceMatchThreshold`", *(f"{each['similarity']:g}" for each in row["thresholds"]))
    body = [
        ["true matches found", *(_percent(each["tar"]) for each in row["thresholds"])],
        ["false match rate", *(_small(_high(each)) for each in row["thresholds"])],
        [
            f"false matches among {million:,}",
            *(_expected(each, million) for each in row["thresholds"]),
        ],
    ]
    return table(header, body)


def _thresholds(pack: PackAccuracy) -> list[list[str]]:
    found, kept = _row(pack, "NONE"), _row(pack, "AUTO")
    return [
        [
            f"`{pack['pack']}`",
            f"{each['similarity']:g}",
            _far(each),
            _tar(each["tar"]),
            _percent(with_auto["tar"]),
            " / ".join(_expected(each, people) for people in _SEARCHED),
        ]
        for each, with_auto in zip(found["thresholds"], kept["thresholds"], strict=True)
    ]


def _elsewhere(row: Elsewhere, similarities: Sequence[str], fars: Sequence[str]) -> list[str]:
    found = [row["thresholds"][each] for each in similarities]
    return [
        *(f"{_small(each['far'])} / {each['tar']:.3f}" for each in found),
        *(f"{row['at_far'][each]:.3f}" for each in fars),
    ]


def _row(pack: PackAccuracy, quality_filter: str) -> AccuracyRow:
    return next(row for row in pack["filters"] if row["filter"] == quality_filter)


def _at_far(point: AccuracyPoint, supported: bool) -> str:
    text = f"{point['tar']['value']:.3f} (at {point['similarity']:g})"
    return text if supported else f"*{text}*"


def _far(point: AccuracyPoint) -> str:
    far = point["far"]
    if not far["hits"]:
        return f"below {_small(far['high'])}"
    return f"{_small(far['value'])} ({_small(far['low'])} to {_small(far['high'])})"


def _tar(rate: dict[str, float]) -> str:
    return f"{_percent(rate)} ({_tenths(rate['low'])} to {_tenths(rate['high'])})"


def _percent(rate: dict[str, float]) -> str:
    return f"{_tenths(rate['value'])} %"


def _tenths(share: float) -> str:
    """In percent. Rounded down: only all is 100."""
    return f"{math.floor(share * 1000) / 10:.1f}"


def _expected(point: AccuracyPoint, people: int) -> str:
    number = _high(point) * people
    words = "" if point["far"]["hits"] else "below "
    if number >= 10:
        return f"{words}{number:,.0f}"
    return words + (f"{number:.1g}" if number >= 1e-3 else _power(number))


def _high(point: AccuracyPoint) -> float:
    """The rate, or its bound when there was no false match."""
    return point["far"]["value"] if point["far"]["hits"] else point["far"]["high"]


def _small(rate: float) -> str:
    mantissa, _, exponent = f"{rate:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def _power(far: float) -> str:
    """One digit."""
    return f"{far:.0e}".replace("e-0", "e-")
