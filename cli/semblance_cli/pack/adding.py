"""From the faces of the calibration photos to a pack directory, step by step."""

from __future__ import annotations

import io
import itertools
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from semblance.embedding.codec import Embeddings
from semblance.vision.packs.loading import load_pack
from semblance_cli.pack import basis as bases
from semblance_cli.pack import inputs, labels, limits, making, outputs, record, written
from semblance_cli.pack.candidate import Candidate, Input
from semblance_cli.pack.inputs import Choice
from semblance_cli.pack.labels import Twice
from semblance_cli.pack.limits import Weight
from semblance_cli.pack.making import Measured, Space
from semblance_cli.pack.photos import Face
from semblance_cli.pack.work import Work
from semblance_cli.pack.written import Naming
from semblance_cli.problems import CommandError

Steps = Callable[[str, int], AbstractContextManager[Callable[[], None]]]
"""Shows a step with its title and its number of parts, and gives the function that counts one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    candidate: Candidate
    memory_bytes: int
    """That the network took when it was examined."""
    sure: float
    """The base pack's cosine above which two faces are one person's."""
    naming: Naming
    directory: Path
    recalibrate: bool = False
    channels: str | None = None
    mean: float | None = None
    scale: float | None = None
    size: int | None = None
    parallel: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Added:
    choice: Choice
    space: Space
    missed: float
    """The most by which a code's cosine was below the exact one."""
    measured: Measured
    weight: Weight
    warnings: tuple[str, ...]
    twice: tuple[Twice, ...]
    """People who were left out."""


def add(request: Request, faces: Sequence[Face], work: Work, steps: Steps) -> Added:
    """Writes the pack. Raises CommandError when the network is not fit for one."""
    candidate = request.candidate
    kept = _kept(request) if request.recalibrate else None
    # First, since the rest takes hours with a network that no function could bear.
    weight = limits.weigh(candidate, faces, request.memory_bytes)
    _refuse(limits.refusals(weight))
    choice = Choice(kept.input, ()) if kept else _chosen(request, faces, steps)
    with steps("Embedding", len(faces)) as advanced:
        units = outputs.of_faces(
            candidate, choice.input, faces, work, parallel=request.parallel, advanced=advanced
        )
    outputs.refuse_broken(units, faces)
    right, twice = labels.twice_named(faces, units, request.sure)
    units, faces = units[right], list(itertools.compress(faces, right))
    own, missed = _renewed(kept, units) if kept else _made(request, choice.input, units, faces)
    with steps("Measuring", 0):
        measured = making.measure(own, units, faces)
    warnings = tuple(limits.warnings(weight, own))
    about = {
        "made": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "base": request.naming.base,
        "licence": request.naming.licence,
        "sha256": candidate.file.sha256,
        "model_id": own.codec.model_id,
        "faces": len(faces),
        "people_left_out": len(twice),
    }
    report = record.whole(about, choice, own, missed, measured, weight, warnings)
    curve = measured.calibration
    if kept:
        written.renew(request.directory, own, curve, report)
    else:
        more = limits.more_mib(weight)
        written.write(request.directory, request.naming, candidate, own, curve, more, report)
    return Added(choice, own, missed, measured, weight, warnings, tuple(twice))


def _chosen(request: Request, faces: Sequence[Face], steps: Steps) -> Choice:
    possible = inputs.candidates(request.channels, request.mean, request.scale)
    total = inputs.runs(possible, faces)

    with steps("Trying", total) as advanced:
        return inputs.choose(
            possible,
            faces,
            lambda given, some: outputs.at_once(
                request.candidate, given, some, parallel=request.parallel, advanced=advanced
            ),
        )


def _made(
    request: Request, given: Input, units: Embeddings, faces: Sequence[Face]
) -> tuple[Space, float]:
    numbers = request.candidate.numbers
    if request.size and request.size > numbers:
        raise CommandError(f"--size {request.size} is more than the network's {numbers} numbers.")
    basis = bases.make(units, labels.numbered(faces), request.size)
    return making.space(request.candidate, given, basis, units)


def _kept(request: Request) -> Space:
    """All but the curve of the pack that is there. Raises CommandError when it is another
    network's."""
    embedder = load_pack(f"{request.directory}/", Path()).embedder
    (branch,) = embedder.branches
    if branch.net.file.sha256 != request.candidate.file.sha256 or embedder.basis is None:
        raise CommandError(
            f"{request.directory} is the pack of another network: make a new one without "
            "--recalibrate."
        )
    basis = np.load(io.BytesIO(embedder.basis.read()))
    net = branch.net
    return Space(Input(net.channels, net.mean, net.scale), basis, embedder.codec)


def _renewed(kept: Space, units: Embeddings) -> tuple[Space, float]:
    codec, missed = making.recalibrated(kept, units)
    return replace(kept, codec=codec), missed


def _refuse(reasons: Sequence[str]) -> None:
    if reasons:
        raise CommandError(f"This network is too heavy for a function: {'; '.join(reasons)}.")
