"""Figure of the largest collection that Rekognition allows, 20,000,000 faces, in one process."""

import os
from pathlib import Path
from typing import Any

from bench import collection, truth, vectors
from bench.rounds import interleaved, summary
from bench.searcher import PROBES
from bench.workers import Worker

THREADS = 2


def measure(faces: int, rounds: int, data: Path) -> dict[str, Any]:
    """The snapshot is on the local disk, and no page of it in memory, when the process starts."""
    collection.prepare(data, faces)
    store = vectors.Store(data / collection.STORE)
    exact = truth.exact(store, faces, vectors.probes(PROBES))
    path = collection.Snapshot(store, data, faces).path
    _forget_pages(path)
    wanted = {"engine": "ours", "dims": 160, "faces": faces, "threads": THREADS}
    with Worker("search", wanted | {"store": data / collection.STORE}, THREADS) as worker:
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


def _forget_pages(path: Path) -> None:
    """So that the disk is read, as it is by a function that has just fetched the file."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
