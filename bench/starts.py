"""Figure of the cold start: from the start of a process to its first answer, and what of it is
whose. Network is loopback: what DynamoDB and S3 would answer is answered by a process beside it."""

import dataclasses
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench import collection, vectors
from bench.rounds import interleaved, summary
from bench.start import COLLECTION, STARTED
from bench.workers import LOCAL, ROOT, environment, started_at
from semblance.contract.settings import Settings

_FEW = 1_000
PICTURE = LOCAL / "photos" / "obama.jpg"
_FUNCTION = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "POWERTOOLS_SERVICE_NAME": "semblance-api",
}


def measure(faces: int, rounds: int, data: Path) -> dict[str, Any]:
    collection.prepare(data, faces)
    matrix = _matrix(data, faces)
    with cloud(data, faces) as (full, _), cloud(data, _FEW) as (small, _):
        started = {
            f"Semblance, {_FEW:,} faces in the table": lambda _: _start("ours", small),
            f"Semblance, {faces:,} faces in a snapshot": lambda _: _start("ours", full),
        }
        rival = {"BENCH_MATRIX": str(matrix)}
        try:
            _start("insightface", rival)
        except subprocess.CalledProcessError:
            left_out = [{"label": "InsightFace", "left_out": "insightface is not installed"}]
        else:
            left_out = []
            started[f"InsightFace, {faces:,} faces in an array"] = lambda _: _start(
                "insightface", rival
            )
        times = interleaved(started, rounds)
        steps = [_start("steps", full) for _ in range(rounds)]
    rows = [
        {"label": label}
        | {clock: summary([each[clock] for each in found]) for clock in ("ms", "cpu_ms")}
        for label, found in times.items()
    ]
    return {"rows": rows + left_out, "steps": list(map(partial(_step, steps), steps[0]["ms"]))}


def _step(steps: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return {"step": name} | {
        clock: round(statistics.median(each[clock][name] for each in steps), 1)
        for clock in ("ms", "cpu_ms")
    }


@contextmanager
def cloud(data: Path, faces: int) -> Iterator[tuple[dict[str, str], str]]:
    """A stand-in with one collection; what a function's environment is then, and its uid."""
    command = [sys.executable, "-m", "bench.cloud", str(data / collection.STORE), str(faces)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            variables = _variables(port)
            yield variables, _create(variables, data, faces)
        finally:
            process.terminate()


def _variables(port: int) -> dict[str, str]:
    named = dict.fromkeys((field.name for field in dataclasses.fields(Settings)), "semblance")
    settings = Settings(**named | {"model_pack": "open", "auth": "none", "region": "eu-west-1"})
    endpoint = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    settings = dataclasses.replace(settings, models_dir=str(LOCAL / "models"))
    return settings.to_env() | endpoint | _FUNCTION


def _create(variables: dict[str, str], data: Path, faces: int) -> str:
    command = [sys.executable, "-m", "bench.enrol", COLLECTION, str(data), str(faces)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(1, variables),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout.splitlines()[-1]


def _start(what: str, variables: dict[str, str]) -> Any:
    # Two threads' worth of memory, as the default of `api_memory_mib`.
    granted = environment(os.cpu_count() or 1, variables | {STARTED: started_at()})
    done = subprocess.run(
        [sys.executable, "-m", "bench.start", what, str(PICTURE)],
        cwd=ROOT,
        env=granted,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _matrix(data: Path, faces: int) -> Path:
    path = data / f"{faces}.npy"
    if not path.exists():
        rows = np.concatenate(list(vectors.Store(data / collection.STORE).blocks(faces)))
        np.save(path, vectors.as_the_model_gives_them(rows))
    return path
