"""The figure of searches: latency by size of the collection, recall, and bytes a face."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from bench import collection, machine, truth, vectors
from bench.figures import Contender, Loaded, Search, SearchLeftOut, SearchRow, Summary
from bench.rounds import interleaved, summary
from bench.searcher import PROBES, SearchAnswer
from bench.workers import Worker, running

SIZES = (10_000, 100_000, 1_000_000, 3_000_000, 10_000_000, 20_000_000)
_MOST_GIB = 16
"""For all engines in memory at one time: other programs share the machine."""
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

    def named(self, faces: int) -> Contender:
        return {
            "engine": self.engine,
            "dims": self.dims,
            "threads": self.threads,
            "label": self.label,
            "faces": faces,
        }

    def gib(self, faces: int) -> float:
        """Roughly the memory that it takes while it is filled."""
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


Engine = Worker[Loaded, SearchAnswer]
_Row = SearchRow | SearchLeftOut


@dataclass(frozen=True)
class Trial:
    """One size of the collection, and the answers that are right for it."""

    faces: int
    rounds: int
    store: Path
    exact: truth.Truth

    @property
    def searches_a_round(self) -> int:
        """Many searches of a small collection, for one alone is too short to measure."""
        steps = ((10_000, 16), (100_000, 8), (1_000_000, 3))
        return next((count for most, count in steps if self.faces <= most), 1)

    def start(self, each: Contestant) -> Engine:
        arguments = asdict(each) | {"faces": self.faces, "store": self.store}
        return Engine("search", arguments, each.threads)


def measure(sizes: Sequence[int], rounds: int, data: Path) -> Search:
    store = data / collection.STORE
    rows = [row for faces in sizes for row in _size(faces, rounds, store)]
    return {"vectors": vectors.statistics(), "top": truth.TOP, "rows": rows}


def _size(faces: int, rounds: int, store: Path) -> Iterator[_Row]:
    collection.prepare(store.parent, faces)
    exact = truth.exact(vectors.Store(store), faces, vectors.probes(PROBES))
    room = min(_MOST_GIB, machine.free_gib() * 0.8)
    for group in _groups(faces, room):
        yield from _group(group, Trial(faces, rounds, store, exact))
    for rival in RIVALS:
        if not _fits(rival, faces, room):
            reason = f"needs about {rival.gib(faces):.0f} GiB, and {room:.0f} were to be had"
            yield {**rival.named(faces), "left_out": reason}


def _groups(faces: int, room: float) -> Iterator[list[Contestant]]:
    """As many rivals at a time as fit into memory, and Semblance beside each group of them."""
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


def _group(group: list[Contestant], trial: Trial) -> Iterator[_Row]:
    contestants = {each.label: each for each in group}
    wanted = {label: partial(trial.start, each) for label, each in contestants.items()}
    with running(wanted) as (workers, missing):
        for label, reason in missing.items():
            yield {**contestants[label].named(trial.faces), "left_out": reason}
        at_once = trial.searches_a_round
        measures = {label: _searches(worker, at_once) for label, worker in workers.items()}
        answers = interleaved(measures, trial.rounds)
        ours = {str(each.threads): _ms(answers[each.label])["median"] for each in OURS}
        for label, worker in workers.items():
            found = _found(answers[label], at_once)
            yield {
                **contestants[label].named(trial.faces),
                "ms": _ms(answers[label]),
                "cpu_ms": summary([float(np.median(each["cpu_ms"])) for each in answers[label]]),
                "ours_beside_it_ms": ours,
                **truth.judge(vectors.Store(trial.store), trial.exact, found),
                **worker.ready,
            }


def _searches(worker: Engine, at_once: int) -> Callable[[int], SearchAnswer]:
    """Other probes in each round."""
    return lambda number: worker.ask(numbers=list(range(number * at_once, (number + 1) * at_once)))


def _ms(answers: list[SearchAnswer]) -> Summary:
    return summary([float(np.median(answer["ms"])) for answer in answers])


def _found(answers: list[SearchAnswer], at_once: int) -> dict[int, list[int]]:
    """Rows by number of the probe. The first round is not among the answers."""
    return {
        (number * at_once + place) % PROBES: places
        for number, answer in enumerate(answers, start=1)
        for place, places in enumerate(answer["places"])
    }
