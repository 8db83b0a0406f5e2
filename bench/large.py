"""The figure of 20,000,000 faces in one process: the largest collection of Rekognition."""

import os
from pathlib import Path

from bench import collection, truth, vectors
from bench.figures import Large, Loaded
from bench.rounds import interleaved, summary
from bench.searcher import PROBES, SearchAnswer
from bench.workers import Worker

THREADS = 2


def measure(faces: int, rounds: int, data: Path) -> Large:
    """When the process starts, the snapshot is on the local disk with no page of it in memory."""
    collection.prepare(data, faces)
    store = vectors.Store(data / collection.STORE)
    exact = truth.exact(store, faces, vectors.probes(PROBES))
    path = collection.SnapshotFile(store, data, faces).path
    _drop_cached_pages(path)
    wanted = {"engine": "ours", "dims": 160, "faces": faces, "threads": THREADS}
    arguments = wanted | {"store": data / collection.STORE}
    with Worker[Loaded, SearchAnswer]("search", arguments, THREADS) as worker:
        answers = interleaved({"ours": lambda number: worker.ask(numbers=[number])}, rounds)["ours"]
        found = {number: answer["places"][0] for number, answer in enumerate(answers, start=1)}
        return {
            "faces": faces,
            "threads": THREADS,
            "snapshot_bytes": path.stat().st_size,
            "ms": summary([answer["ms"][0] for answer in answers]),
            **truth.judge(store, exact, found),
            **worker.ready,
        }


def _drop_cached_pages(path: Path) -> None:
    """Make the process read the disk, as a function does that has just fetched the file."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
