"""The figure of pictures: from JPEG bytes to the answer, beside other pipelines."""

import statistics
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypedDict

from bench import collection
from bench.figures import LeftOut, PictureRow, Pictures
from bench.pipelines import PictureAnswer
from bench.rounds import interleaved, summary
from bench.workers import LOCAL, Worker, running

CONTESTANTS: dict[str, dict[str, str]] = {
    "Semblance, pack open": {"pipeline": "ours", "pack": "open"},
    "Semblance, pack open-light": {"pipeline": "ours", "pack": "open-light"},
    "Semblance, pack scrfd": {"pipeline": "ours", "pack": "scrfd"},
    "InsightFace, tuned": {"pipeline": "insightface", "files": "upstream"},
    "InsightFace, tuned, our prepared files": {"pipeline": "insightface", "files": "prepared"},
    "dlib (face_recognition)": {"pipeline": "dlib"},
}


class Task(TypedDict):
    picture: str
    largest: bool
    times: int


TASKS: dict[str, Task] = {
    "one face, 1 megapixel": {"picture": "obama.jpg", "largest": True, "times": 3},
    "29 faces, 6.5 megapixels": {
        "picture": "solvay_conference_1927.jpg",
        "largest": False,
        "times": 1,
    },
}

Pipeline = Worker[None, PictureAnswer]


def measure(faces: int, rounds: int, data: Path) -> Pictures:
    """Semblance searches the largest face among `faces` others; rivals find and embed it only."""
    collection.prepare(data, faces)
    searched = {"faces": faces, "store": data / collection.STORE}
    wanted = {
        label: partial(Pipeline, "picture", arguments | _searched(arguments, searched))
        for label, arguments in CONTESTANTS.items()
    }
    with running(wanted) as (workers, missing):
        rows: list[PictureRow | LeftOut] = []
        for task in TASKS:
            rows += _task(task, workers, rounds)
    rows += [LeftOut(label=label, left_out=reason) for label, reason in missing.items()]
    return {"collection_faces": faces, "threads": 1, "rows": rows}


def _searched(arguments: Mapping[str, str], searched: dict[str, object]) -> dict[str, object]:
    return searched if arguments["pipeline"] == "ours" else {}


def _task(task: str, workers: dict[str, Pipeline], rounds: int) -> list[PictureRow]:
    measures = {label: _looks(worker, TASKS[task]) for label, worker in workers.items()}
    answers = interleaved(measures, rounds)
    return [_row(task, label, found) for label, found in answers.items()]


def _looks(worker: Pipeline, task: Task) -> Callable[[int], PictureAnswer]:
    picture = str(LOCAL / "photos" / task["picture"])
    return lambda _: worker.ask(picture=picture, largest=task["largest"], times=task["times"])


def _row(task: str, label: str, found: list[PictureAnswer]) -> PictureRow:
    return {
        "task": task,
        "label": label,
        "ms": summary([statistics.median(each["ms"]) for each in found]),
        "cpu_ms": summary([statistics.median(each["cpu_ms"]) for each in found]),
        "faces": found[-1]["faces"],
        "peak_rss_bytes": found[-1]["peak_rss_bytes"],
    }
