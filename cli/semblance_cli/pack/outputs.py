"""Runs the owner's network on many faces: outputs of unit length, kept so that a run goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from semblance.embedding.codec import Embeddings
from semblance.vision.network import Network
from semblance_cli.accuracy.reading import threads
from semblance_cli.pack.candidate import Candidate, Input
from semblance_cli.pack.photos import Face
from semblance_cli.pack.work import Work
from semblance_cli.problems import CommandError

_COMMIT_EVERY = 32


def of_faces(
    candidate: Candidate,
    given: Input,
    faces: Sequence[Face],
    work: Work,
    *,
    parallel: int,
    advanced: Callable[[], None],
) -> Embeddings:
    """(faces, numbers), in their order."""
    network, key = candidate.network(given), f"{candidate.file.sha256} {given}"
    known = work.outputs(key)

    def output(face: Face) -> Embeddings:
        kept = known.get(face.digest)
        return run(network, face) if kept is None else kept

    done = []
    with threads(parallel) as pool:
        for number, (face, numbers) in enumerate(zip(faces, pool.map(output, faces), strict=True)):
            done.append(numbers)
            if face.digest not in known:
                work.add_output(key, face.digest, numbers)
            if number % _COMMIT_EVERY == 0:
                work.commit()
            advanced()
    return np.array(done, np.float32)


def at_once(
    candidate: Candidate,
    given: Input,
    faces: Sequence[Face],
    *,
    parallel: int,
    advanced: Callable[[], None],
) -> Embeddings:
    """(faces, numbers), in their order, kept nowhere."""
    network = candidate.network(given)

    def output(face: Face) -> Embeddings:
        numbers = run(network, face)
        advanced()
        return numbers

    with threads(parallel) as pool:
        return np.array(list(pool.map(output, faces)), np.float32)


def run(network: Network, face: Face) -> Embeddings:
    """(numbers,), unit length; all 0 when the network gives a vector of no length."""
    (numbers,) = network.run(face.crop)[0]
    length = float(np.linalg.norm(numbers.astype(np.float64)))
    if not np.isfinite(length) or length == 0:
        return np.zeros(len(numbers), np.float32)
    unit: Embeddings = (numbers / length).astype(np.float32)
    return unit


def refuse_broken(units: Embeddings, faces: Sequence[Face]) -> None:
    """Raises CommandError for a face that the network gave no vector for."""
    for unit, face in zip(units, faces, strict=True):
        if not unit.any():
            raise CommandError(
                f"The network gives no vector for {face.photo.file}: it is broken, or --channels, "
                "--mean and --scale are not its own."
            )
