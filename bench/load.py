"""The figure of throughput: several clients call the handler of one warm function at once."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypedDict

from bench import collection, starts
from bench.figures import Load, LoadRow
from bench.rounds import interleaved, summary
from bench.start import CONTEXT, search
from bench.workers import Worker

CLIENTS = (1, 2, 4, 8)
CALLS = 16
"""Calls a round, shared by all clients."""


class LoadAnswer(TypedDict):
    calls_a_second: float
    ms: list[float]


def measure(faces: int, rounds: int, data: Path) -> Load:
    collection.prepare(data, faces)
    with (
        starts.cloud(data, faces) as variables,
        Worker[None, LoadAnswer]("handler", {"picture": starts.PICTURE}, 2, variables) as worker,
    ):
        answers = interleaved({str(count): _calls(worker, count) for count in CLIENTS}, rounds)
    rows = [_row(int(clients), found) for clients, found in answers.items()]
    return {"collection_faces": faces, "rows": rows}


def _calls(worker: Worker[None, LoadAnswer], clients: int) -> Callable[[int], LoadAnswer]:
    return lambda _: worker.ask(clients=clients, calls=CALLS)


def _row(clients: int, found: list[LoadAnswer]) -> LoadRow:
    return {
        "clients": clients,
        "calls_a_second": summary([each["calls_a_second"] for each in found]),
        "ms": summary([ms for each in found for ms in each["ms"]]),
    }


def make(picture: str) -> "Handler":
    return Handler(search(Path(picture)))


class Handler:
    """The subject of a load worker: the handler that Lambda calls, on a SearchFacesByImage."""

    def __init__(self, event: dict[str, Any]) -> None:
        from functions import api

        self._handle, self._event = api.handler, event
        self._call()

    def ready(self) -> None:
        """The handler is warm."""

    def answer(self, clients: int, calls: int) -> LoadAnswer:
        started = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            times = list(pool.map(lambda _: self._call(), range(calls)))
        return {"calls_a_second": calls / (time.perf_counter() - started), "ms": times}

    def _call(self) -> float:
        started = time.perf_counter()
        reply = self._handle(self._event, CONTEXT)
        if reply["statusCode"] != 200:
            raise RuntimeError(reply["body"])
        return (time.perf_counter() - started) * 1000
