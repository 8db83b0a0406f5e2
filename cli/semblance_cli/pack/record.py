"""The report beside a pack as JSON: how it was made and what was measured, without any name of a
file or a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from semblance_cli.accuracy.rates import Rate
from semblance_cli.pack.inputs import Choice
from semblance_cli.pack.limits import Weight
from semblance_cli.pack.making import Measured, Space

Json = dict[str, Any]


def whole(
    about: Json,
    choice: Choice,
    own: Space,
    missed: float,
    measured: Measured,
    weight: Weight,
    warnings: Sequence[str],
) -> Json:
    return {
        **about,
        "people": measured.people,
        "people_with_pairs": measured.people_with_pairs,
        "input": {
            "chosen": str(own.input),
            "tried": [
                {
                    "input": str(trial.input),
                    "separation": round(trial.separation, 4),
                    "behind": round(trial.behind, 4),
                    "standard_error": round(trial.error, 4),
                }
                for trial in choice.trials
            ],
        },
        "codec": {
            "size": own.codec.size,
            "largest": own.codec.largest,
            "margin": own.codec.margin,
            "error": round(missed, 5),
        },
        "curve": [
            {
                "similarity": knot.similarity,
                "cosine": round(knot.cosine, 4),
                "wanted_far": knot.far,
                "measured": knot.measured,
                "people_needed": knot.people,
                "far": _rate(far),
                "tar": _rate(tar),
            }
            for knot, far, tar in zip(measured.knots, measured.fars, measured.tars, strict=True)
        ],
        "tar_at_far": [
            {"far": each.far, "own": _rate(each.own), "base": _rate(each.base)}
            for each in measured.compared
        ],
        "sizes": [
            {
                "size": each.loss.size,
                "cosine_deviation": float(f"{each.loss.deviation:.3g}"),
                "cosine_most": float(f"{each.loss.most:.3g}"),
                "far": measured.sizes_far,
                "tar": _rate(each.tar),
            }
            for each in measured.sizes
        ],
        "weight": {
            "file_bytes": weight.file_bytes,
            "memory_bytes": weight.memory_bytes,
            "load_seconds": round(weight.load_seconds, 3),
            "face_seconds": round(weight.face_seconds, 4),
        },
        "warnings": list(warnings),
    }


def _rate(rate: Rate) -> Json:
    return {
        "value": float(f"{rate.value:.6g}"),
        "low": float(f"{rate.low:.6g}"),
        "high": float(f"{rate.high:.6g}"),
    }
