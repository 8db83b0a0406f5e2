"""Accuracy of every pack on a folder of people, with the core of `semblance accuracy`.

The photos stay outside of the repository, and so do their names: only numbers are written.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Accuracy, AccuracyAtFar, AccuracyPoint, AccuracyRow, PackAccuracy
from infra import packs
from semblance.embedding.similarity import SimilarityScale
from semblance.vision.engine import Engine
from semblance.vision.packs.loading import load_pack
from semblance_cli.accuracy import cache, distributions, enrolment, pairs, people, rates, reading
from semblance_cli.accuracy.measurement import SIMILARITIES, similarity_of
from semblance_cli.accuracy.pairs import Faces
from semblance_cli.accuracy.people import Photo
from semblance_cli.accuracy.rates import Rate
from semblance_cli.accuracy.reading import Read
from semblance_cli.accuracy.templates import CENTRAL

FARS = (1e-3, 1e-4, 1e-5, 1e-6)
FILTERS = ("NONE", "AUTO")
_THREADS = 2
_TOLD_EVERY = 500


def measure(folder: Path, models: Path, data: Path, wanted: Sequence[str]) -> Accuracy:
    """`wanted`: names of packs; all of them when empty. `data`: where readings are kept."""
    found = people.read(folder)
    data.mkdir(parents=True, exist_ok=True)
    rows = [
        _pack(name, found.photos, models, data / "accuracy.sqlite")
        for name in wanted or packs.names()
    ]
    return {
        "photos": len(found.photos),
        "people": len({photo.person for photo in found.photos}),
        "face": CENTRAL,
        "packs": rows,
    }


def _pack(name: str, photos: Sequence[Photo], models: Path, kept: Path) -> PackAccuracy:
    pack = load_pack(name, models)
    engine = Engine(pack)
    done = 0

    def advanced() -> None:
        nonlocal done
        done += 1
        if done % _TOLD_EVERY == 0:
            sys.stderr.write(f"{name}: {done:,} of {len(photos):,} photos\n")

    with cache.Cache(kept, cache.fingerprint(pack, models)) as store:
        read = reading.read_all(photos, engine, store, parallel=_THREADS, advanced=advanced)
    scale = SimilarityScale(engine.calibration)
    return {
        "pack": name,
        "model_id": engine.codec.model_id,
        "calibration": [list(knot) for knot in engine.calibration],
        "filters": [_filtered(each, read, scale) for each in FILTERS],
    }


def _filtered(quality_filter: str, read: Sequence[Read], scale: SimilarityScale) -> AccuracyRow:
    """The face nearest to the middle is the person's, as the makers of the usual sets cut them: the
    largest may be a bystander's, and then the label would be wrong, not the model."""
    enrolled = enrolment.enrol(read, quality_filter, CENTRAL)
    faces = pairs.faces_of(enrolled.enrolled)
    found = distributions.measure(faces)
    lowest = rates.supported(found.pairs_of_people)
    usual = [scale.least_cosine(each) for each in SIMILARITIES]
    wanted = [found.threshold_at(far) for far in FARS]
    points = _points(faces, scale, [*usual, *wanted])
    return {
        "filter": quality_filter,
        "faces": len(enrolled.enrolled),
        "without_face": len(enrolled.without_face),
        "dropped_by_filter": len(enrolled.dropped),
        "people": found.people,
        "people_with_pairs": found.people_with_pairs,
        "lowest_far": float(f"{lowest:.3g}"),
        "genuine_pairs": found.genuine.total,
        "impostor_pairs": found.impostor.total,
        "thresholds": points[: len(usual)],
        "at_far": [
            _at_far(far, point, far >= lowest)
            for far, point in zip(FARS, points[len(usual) :], strict=True)
        ],
    }


def _points(faces: Faces, scale: SimilarityScale, cosines: Sequence[float]) -> list[AccuracyPoint]:
    measured = zip(
        cosines,
        rates.false_acceptance(faces, cosines),
        rates.true_acceptance(faces, cosines),
        strict=True,
    )
    return [
        {
            "similarity": similarity_of(scale, cosine),
            "cosine": round(cosine, 5),
            "far": _rate(far),
            "tar": _rate(tar),
        }
        for cosine, far, tar in measured
    ]


def _at_far(far: float, point: AccuracyPoint, supported: bool) -> AccuracyAtFar:
    return {"wanted": far, "supported": supported, **point}


def _rate(rate: Rate) -> dict[str, float]:
    return {
        "value": float(f"{rate.value:.4g}"),
        "low": float(f"{rate.low:.4g}"),
        "high": float(f"{rate.high:.4g}"),
        "hits": rate.hits,
    }
