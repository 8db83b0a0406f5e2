"""Figure of the throughput: one warm function, its handler called by several clients at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench import collection, starts
from bench.rounds import interleaved, summary
from bench.start import CONTEXT, search
from bench.workers import Worker

CLIENTS = (1, 2, 4, 8)
CALLS = 16
"""In each round, by all clients together."""


def measure(faces: int, rounds: int, data: Path) -> dict[str, Any]:
    collection.prepare(data, faces)
    with (
        starts.cloud(data, faces) as (variables, _),
        Worker("handler", {"picture": starts.PICTURE}, 2, variables) as worker,
    ):
        answers = interleaved(
            {
                str(clients): lambda _, clients=clients: worker.ask(clients=clients, calls=CALLS)
                for clients in CLIENTS
            },
            rounds,
        )
    rows = [
        {
            "clients": int(clients),
            "calls_a_second": summary([each["calls_a_second"] for each in found]),
            "ms": summary([ms for each in found for ms in each["ms"]]),
        }
        for clients, found in answers.items()
    ]
    return {"collection_faces": faces, "rows": rows}


def make(picture: str) -> "Handler":
    return Handler(search(Path(picture)))


class Handler:
    """In a worker: what Lambda would call. SearchFacesByImage, picture and all."""

    def __init__(self, event: dict[str, Any]) -> None:
        from functions import api

        self._handle, self._event = api.handler, event
        self._call()

    def ready(self) -> dict[str, Any]:
        return {}

    def answer(self, clients: int, calls: int) -> dict[str, Any]:
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
