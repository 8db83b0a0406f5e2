"""The files of a measurement, in a folder that its owner alone can read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from semblance.embedding.similarity import SimilarityScale
from semblance_cli.accuracy import page, plot, record, sheet
from semblance_cli.accuracy.doubtful import Doubtful
from semblance_cli.accuracy.enrolment import Enrolled, Enrolment
from semblance_cli.accuracy.measurement import Measurement
from semblance_cli.accuracy.page import Contents
from semblance_cli.accuracy.sheet import Pair
from semblance_cli.problems import CommandError

TEMPLATES, PAGE, RECORD, PLOT, SHEET = (
    "templates.sqlite", "report.html", "report.json", "plot.svg", "doubtful.jpg"
)  # fmt: skip
_FOLDER_FOR_OWNER, _FILE_FOR_OWNER = 0o700, 0o600


def prepare(folder: Path) -> None:
    """Raises CommandError when the folder cannot be made."""
    try:
        folder.mkdir(mode=_FOLDER_FOR_OWNER, parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{folder} cannot be made: {error.strerror}") from error


def write(
    folder: Path,
    about: dict[str, str],
    enrolment: Enrolment,
    measurement: Measurement,
    scale: SimilarityScale,
) -> None:
    alike = _pairs(measurement.too_alike, enrolment, scale, first=1)
    different = _pairs(measurement.too_different, enrolment, scale, first=len(alike) + 1)
    drawing = plot.svg(measurement)
    _write(folder / PLOT, drawing.encode())
    contents = Contents(
        [(name.replace("_", " "), value) for name, value in about.items()],
        enrolment, measurement, drawing, alike, different,
    )  # fmt: skip
    _write(folder / PAGE, page.html(contents).encode())
    numbers = record.whole(about, enrolment, measurement, alike, different)
    _write(folder / RECORD, f"{json.dumps(numbers, indent=1, ensure_ascii=False)}\n".encode())
    if alike or different:
        titles = [("Two names, perhaps one person", alike), ("One name, perhaps two", different)]
        _write(folder / SHEET, sheet.jpeg(sheet.draw(titles)))
    else:
        (folder / SHEET).unlink(missing_ok=True)


def _pairs(
    doubtful: Sequence[Doubtful], enrolment: Enrolment, scale: SimilarityScale, first: int
) -> list[Pair]:
    made = []
    for number, each in enumerate(doubtful, first):
        one, other = enrolment.enrolled[each.one], enrolment.enrolled[each.other]
        (similarity,) = scale.similarities(np.array([each.cosine], np.float32))
        made.append(
            Pair(
                number,
                (one.photo.file, other.photo.file),
                float(similarity),
                (_face(one), _face(other)),
            )
        )
    return made


def _face(enrolled: Enrolled) -> Image.Image:
    return sheet.face(enrolled.photo.path, enrolled.template.box)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and for the owner alone."""
    beside = path.with_name(f".{path.name}.part")
    beside.touch(mode=_FILE_FOR_OWNER)
    beside.write_bytes(content)
    beside.replace(path)
