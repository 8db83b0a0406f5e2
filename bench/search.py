"""Figures of the search: latency by size of the collection, what is found, and bytes a face."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench import collection, machine, truth, vectors
from bench.rounds import interleaved, summary
from bench.searcher import PROBES
from bench.workers import NotInstalledError, Worker

SIZES = (10_000, 100_000, 1_000_000, 3_000_000, 10_000_000, 20_000_000)
_MOST_GIB = 16
"""Of all engines in memory at one time; others are at work on the machine."""
_COPIES = {"faiss flat": 1.1, "faiss SQ8": 1.2, "numpy": 1.1, "usearch exact": 1.1}


@dataclass(frozen=True)
class Contestant:
    engine: str
    dims: int
    threads: int

    @property
    def label(self) -> str:
        numbers = {"ours": "", "faiss SQ8": f" {self.dims} int8", "simsimd int8": f" {self.dims}"}
        kind = numbers.get(self.engine, f" {self.dims} float32")
        return f"{self.engine}{kind}, {self.threads} thread{'s' if self.threads > 1 else ''}"

    def gib(self, faces: int) -> float:
        """About what it takes while it is filled."""
        bytes_a_number = 1 if self.engine in ("faiss SQ8", "simsimd int8", "ours") else 4
        return faces * self.dims * bytes_a_number * _COPIES.get(self.engine, 1.1) / 2**30 + 0.2


OURS = (Contestant("ours", 160, 1), Contestant("ours", 160, 2))
RIVALS = (
    Contestant("numpy", 512, 1),
    Contestant("numpy", 512, 2),
    Contestant("numpy", 160, 1),
    Contestant("faiss flat", 512, 1),
    Contestant("faiss flat", 160, 1),
    Contestant("faiss SQ8", 512, 1),
    Contestant("faiss SQ8", 160, 1),
    Contestant("usearch exact", 512, 1),
    Contestant("usearch exact", 160, 1),
    Contestant("simsimd int8", 512, 1),
    Contestant("simsimd int8", 512, 2),
)


def measure(sizes: Sequence[int], rounds: int, data: Path) -> dict[str, Any]:
    store = data / collection.STORE
    rows = [row for faces in sizes for row in _size(faces, rounds, store)]
    return {"vectors": vectors.statistics(), "top": truth.TOP, "rows": rows}


def _size(faces: int, rounds: int, store: Path) -> Iterator[dict[str, Any]]:
    collection.prepare(store.parent, faces)
    exact = truth.exact(vectors.Store(store), faces, vectors.probes(PROBES))
    room = min(_MOST_GIB, machine.free_gib() * 0.8)
    for group in _groups(faces, room):
        yield from _group(group, faces, rounds, store, exact)
    for rival in RIVALS:
        if not _fits(rival, faces, room):
            needs = f"needs about {rival.gib(faces):.0f} GiB"
            yield _named(rival, faces) | {"left_out": f"{needs}, and {room:.0f} were to be had"}


def _groups(faces: int, room: float) -> Iterator[list[Contestant]]:
    """As many at a time as memory has room for; ours are in every group, to be compared with."""
    group, taken = list(OURS), sum(ours.gib(faces) for ours in OURS)
    for rival in filter(lambda rival: _fits(rival, faces, room), RIVALS):
        if taken + rival.gib(faces) > room:
            yield group
            group, taken = list(OURS), sum(ours.gib(faces) for ours in OURS)
        group.append(rival)
        taken += rival.gib(faces)
    yield group


def _fits(rival: Contestant, faces: int, room: float) -> bool:
    return sum(ours.gib(faces) for ours in OURS) + rival.gib(faces) <= room


def _group(
    group: list[Contestant], faces: int, rounds: int, store: Path, exact: truth.Truth
) -> Iterator[dict[str, Any]]:
    workers: dict[Contestant, Worker] = {}
    try:
        for each in group:
            try:
                wanted = asdict(each) | {"faces": faces, "store": store}
                workers[each] = Worker("search", wanted, each.threads)
            except NotInstalledError as missing:
                yield _named(each, faces) | {"left_out": f"{missing} is not installed"}
        at_once = 16 if faces <= 10_000 else 8 if faces <= 100_000 else 3 if faces <= 10**6 else 1
        answers = interleaved(
            {
                each.label: lambda number, worker=worker: worker.ask(
                    numbers=list(range(number * at_once, (number + 1) * at_once))
                )
                for each, worker in workers.items()
            },
            rounds,
        )
        ours = {
            str(each.threads): _ms(answers[each.label])["median"]
            for each in workers
            if each in OURS
        }
        for each, worker in workers.items():
            yield _named(each, faces) | {
                "ms": _ms(answers[each.label]),
                "cpu_ms": _ms(answers[each.label], "cpu_ms"),
                "ours_beside_it_ms": ours,
                **truth.judge(vectors.Store(store), exact, _found(answers[each.label], at_once)),
                **worker.ready,
            }
    finally:
        for worker in workers.values():
            worker.close()


def _named(each: Contestant, faces: int) -> dict[str, Any]:
    return asdict(each) | {"label": each.label, "faces": faces}


def _ms(answers: list[dict[str, Any]], clock: str = "ms") -> dict[str, float | int]:
    return summary([float(np.median(answer[clock])) for answer in answers])


def _found(answers: list[dict[str, Any]], at_once: int) -> dict[int, list[int]]:
    """By number of the probe; the first round is not among the answers."""
    return {
        (number * at_once + place) % PROBES: places
        for number, answer in enumerate(answers, start=1)
        for place, places in enumerate(answer["places"])
    }
