"""The subject of a search worker: one engine with a collection, asked for searches."""

import importlib
import time
from pathlib import Path
from typing import TypedDict

from bench import machine
from bench.engines import ENGINES, Filling
from bench.figures import Loaded
from bench.rounds import Stopwatch, Taken
from bench.vectors import probes

PROBES = 64


class SearchAnswer(TypedDict):
    """For each search, its milliseconds and the rows that it found, best first."""

    ms: list[float]
    cpu_ms: list[float]
    places: list[list[int]]


def make(engine: str, dims: int, faces: int, threads: int, store: str) -> "Searcher":
    for module in ENGINES[engine].needs:
        importlib.import_module(module)
    return Searcher(engine, Filling(dims=dims, faces=faces, threads=threads, store=Path(store)))


class Searcher:
    def __init__(self, engine: str, filling: Filling) -> None:
        self._probes = filling.in_its_numbers(probes(PROBES))
        before = machine.resident_bytes()
        started = time.perf_counter()
        self._engine = ENGINES[engine](filling)
        self._engine.search(self._probes[0])
        seconds = time.perf_counter() - started
        resident = machine.resident_bytes()
        self._ready: Loaded = {
            "first_answer_seconds": round(seconds, 3),
            "rss_bytes": resident,
            "peak_rss_bytes": machine.resident_bytes(peak=True),
            "bytes_a_face": round((resident - before) / filling.faces, 1),
            "kernel": self._engine.kernel(),
        }

    def ready(self) -> Loaded:
        return self._ready

    def answer(self, numbers: list[int]) -> SearchAnswer:
        """Search the probes with these numbers."""
        wall, cpu, found = [], [], []
        for number in numbers:
            watch = Stopwatch()
            places = self._engine.search(self._probes[number % PROBES])
            taken = watch.taken()
            untimed = getattr(self._engine, "untimed", Taken(0.0, 0.0))
            wall.append(taken.wall - untimed.wall)
            cpu.append(taken.cpu - untimed.cpu)
            found.append(places.tolist())
        return {"ms": wall, "cpu_ms": cpu, "places": found}
