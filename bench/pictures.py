"""Figure of the pictures: from JPEG bytes to the answer, beside other pipelines."""

import statistics
from pathlib import Path
from typing import Any

from bench import collection
from bench.rounds import interleaved, summary
from bench.workers import LOCAL, NotInstalledError, Worker

CONTESTANTS: dict[str, dict[str, str]] = {
    "Semblance, pack open": {"pipeline": "ours", "pack": "open"},
    "Semblance, pack scrfd": {"pipeline": "ours", "pack": "scrfd"},
    "InsightFace, tuned": {"pipeline": "insightface", "files": "upstream"},
    "InsightFace, tuned, our prepared files": {"pipeline": "insightface", "files": "prepared"},
    "dlib (face_recognition)": {"pipeline": "dlib"},
}
TASKS = {
    "one face, 1 megapixel": {"picture": "obama.jpg", "largest": True, "times": 3},
    "29 faces, 6.5 megapixels": {
        "picture": "solvay_conference_1927.jpg",
        "largest": False,
        "times": 1,
    },
}


def measure(faces: int, rounds: int, data: Path) -> dict[str, Any]:
    """`faces` of the collection in which ours searches the face; the others find and embed it."""
    collection.prepare(data, faces)
    workers: dict[str, Worker] = {}
    left_out = []
    try:
        for label, arguments in CONTESTANTS.items():
            ours = arguments["pipeline"] == "ours"
            more = {"faces": faces, "store": data / collection.STORE} if ours else {}
            try:
                workers[label] = Worker("picture", arguments | more)
            except NotInstalledError as missing:
                left_out.append({"label": label, "left_out": f"{missing} is not installed"})
        rows = [row for task in TASKS for row in _task(task, workers, rounds)]
    finally:
        for worker in workers.values():
            worker.close()
    return {"collection_faces": faces, "threads": 1, "rows": rows + left_out}


def _task(task: str, workers: dict[str, Worker], rounds: int) -> list[dict[str, Any]]:
    question = TASKS[task] | {"picture": str(LOCAL / "photos" / str(TASKS[task]["picture"]))}
    answers = interleaved(
        {
            label: lambda _, worker=worker: worker.ask(**question)
            for label, worker in workers.items()
        },
        rounds,
    )
    return [
        {
            "task": task,
            "label": label,
            **{
                clock: summary([statistics.median(answer[clock]) for answer in answers[label]])
                for clock in ("ms", "cpu_ms")
            },
            "faces": answers[label][-1]["faces"],
            "peak_rss_bytes": answers[label][-1]["peak_rss_bytes"],
        }
        for label in workers
    ]
