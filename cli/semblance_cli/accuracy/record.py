"""The measurement as JSON: numbers, and the names of files that need a look."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from semblance_cli.accuracy.distributions import Cosines
from semblance_cli.accuracy.enrolment import Enrolment, Remark
from semblance_cli.accuracy.measurement import Group, Measurement, Point, Wanted
from semblance_cli.accuracy.rates import Rate
from semblance_cli.accuracy.sheet import Pair

Json = dict[str, Any]
_QUANTILES = (0.01, 0.1, 0.5, 0.9, 0.99)
_DIGITS = 6


def numbers(measurement: Measurement) -> Json:
    """No name of a file or a person."""
    found = measurement.distributions
    return {
        "faces": measurement.faces,
        "people": found.people,
        "people_with_pairs": found.people_with_pairs,
        "pairs_of_people": found.pairs_of_people,
        "genuine": _distribution(found.genuine),
        "impostor": _distribution(found.impostor),
        "lowest_far": _rounded(measurement.lowest_far),
        "lowest_firm_far": _rounded(measurement.lowest_firm_far),
        "thresholds": list(map(_point, measurement.points)),
        "wanted": list(map(_wanted, measurement.wanted)),
        "curve": [
            {"similarity": similarity, "far": _rounded(far), "tar": _rounded(tar)}
            for similarity, far, tar in measurement.curve
        ],
    }


def enrolment(enrolled: Enrolment) -> Json:
    """How many of each outcome."""
    return {
        "photos": enrolled.photos,
        "enrolled": len(enrolled.enrolled),
        "refused": len(enrolled.refused),
        "without_face": len(enrolled.without_face),
        "dropped_by_filter": len(enrolled.dropped),
        "twice": len(enrolled.twice),
        "several_faces": len(enrolled.several),
    }


def whole(
    about: Json,
    enrolled: Enrolment,
    measurement: Measurement,
    alike: Sequence[Pair],
    different: Sequence[Pair],
) -> Json:
    """`about`: the pack, the filter and the like."""
    gallery = measurement.gallery
    return {
        **about,
        "enrolment": {
            **enrolment(enrolled),
            "files": {
                "refused": _files(enrolled.refused),
                "without_face": _files(enrolled.without_face),
                "dropped_by_filter": _files(enrolled.dropped),
                "twice": _files(enrolled.twice),
                "several_faces": _files(enrolled.several),
            },
        },
        **numbers(measurement),
        "gallery": gallery and _gallery(measurement, gallery),
        "groups": list(map(_group, measurement.groups)),
        "doubtful": {
            "different_names_alike": list(map(_pair, alike)),
            "same_name_different": list(map(_pair, different)),
        },
    }


def _gallery(measurement: Measurement, people: int) -> Json:
    return {
        "people": people,
        "false_matches_a_search": [
            {
                "similarity": point.similarity,
                "value": _rounded(point.far.value * people),
                "low": _rounded(point.far.low * people),
                "high": _rounded(point.far.high * people),
            }
            for point in measurement.points
        ],
        "thresholds": list(map(_wanted, measurement.for_gallery)),
    }


def _distribution(cosines: Cosines) -> Json:
    edges, counts = cosines.coarse(0.01)
    (filled,) = np.nonzero(counts)
    used = slice(filled[0], filled[-1] + 1) if len(filled) else slice(0)
    return {
        "pairs": cosines.total,
        "quantiles": {f"{share:g}": round(cosines.reached_by(1 - share), 4) for share in _QUANTILES}
        if cosines.total
        else {},
        "histogram": {
            "cosine": [round(edge, 2) for edge in edges[used].tolist()],
            "pairs": counts[used].tolist(),
        },
    }


def _point(point: Point) -> Json:
    return {
        "similarity": point.similarity,
        "cosine": round(point.cosine, 5),
        "far": _rate(point.far),
        "tar": _rate(point.tar),
    }


def _wanted(wanted: Wanted) -> Json:
    return {
        "far": _rounded(wanted.far),
        "people_needed": wanted.people,
        "supported": wanted.point is not None,
        "threshold": _point(wanted.point) if wanted.point else None,
    }


def _rate(rate: Rate) -> Json:
    return {
        "value": _rounded(rate.value),
        "low": _rounded(rate.low),
        "high": _rounded(rate.high),
        "hits": rate.hits,
        "pairs": rate.pairs,
    }


def _group(group: Group) -> Json:
    return {
        "name": group.name,
        "faces": group.faces,
        "people": group.people,
        "people_with_pairs": group.people_with_pairs,
        "lowest_far": _rounded(group.lowest_far),
        "thresholds": list(map(_point, group.points)),
    }


def _pair(pair: Pair) -> Json:
    return {"number": pair.number, "similarity": round(pair.similarity, 2), "files": pair.files}


def _files(remarks: Iterable[Remark]) -> list[Json]:
    return [
        {"file": remark.file} | ({"why": remark.why} if remark.why else {}) for remark in remarks
    ]


def _rounded(number: float) -> float | None:
    """JSON has no NaN: a rate of no pairs is null."""
    return None if math.isnan(number) else float(f"{number:.{_DIGITS}g}")
