"""The figure of cold starts: from the start of a process to its first answer, step by step.

The network is loopback: a process beside it answers for DynamoDB and S3.
"""

import dataclasses
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bench import collection, vectors
from bench.figures import LeftOut, StartRow, Starts, Step
from bench.rounds import interleaved, summary
from bench.start import COLLECTION, STARTED, Taken, TakenByStep
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


def measure(faces: int, rounds: int, data: Path) -> Starts:
    collection.prepare(data, faces)
    left_out: list[LeftOut] = []
    with cloud(data, faces) as full, cloud(data, _FEW) as small:
        measures = {
            f"Semblance, {_FEW:,} faces in the table": _starts("semblance", small),
            f"Semblance, {faces:,} faces in a snapshot": _starts("semblance", full),
        }
        rival = {"BENCH_MATRIX": str(_matrix(data, faces))}
        try:
            _start("insightface", rival)
        except subprocess.CalledProcessError:
            left_out.append({"label": "InsightFace", "left_out": "insightface is not installed"})
        else:
            measures[f"InsightFace, {faces:,} faces in an array"] = _starts("insightface", rival)
        times = interleaved(measures, rounds)
        steps: list[TakenByStep] = [_start("steps", full) for _ in range(rounds)]
    rows = [_row(label, found) for label, found in times.items()]
    return {"rows": [*rows, *left_out], "steps": [_step(steps, name) for name in steps[0]["ms"]]}


def _row(label: str, found: list[Taken]) -> StartRow:
    return {
        "label": label,
        "ms": summary([each["ms"] for each in found]),
        "cpu_ms": summary([each["cpu_ms"] for each in found]),
    }


def _step(steps: list[TakenByStep], name: str) -> Step:
    return {
        "step": name,
        "ms": round(statistics.median(each["ms"][name] for each in steps), 1),
        "cpu_ms": round(statistics.median(each["cpu_ms"][name] for each in steps), 1),
    }


@contextmanager
def cloud(data: Path, faces: int) -> Iterator[dict[str, str]]:
    """A stand-in for AWS with one collection; yields the environment of a function in it."""
    command = [sys.executable, "-m", "bench.cloud", str(data / collection.STORE), str(faces)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            variables = _variables(port)
            _enrol(variables, data, faces)
            yield variables
        finally:
            process.terminate()


def _variables(port: int) -> dict[str, str]:
    named = dict.fromkeys((field.name for field in dataclasses.fields(Settings)), "semblance")
    settings = Settings(**named | {"model_pack": "open", "auth": "none", "region": "eu-west-1"})
    endpoint = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    settings = dataclasses.replace(settings, models_dir=str(LOCAL / "models"))
    return settings.to_env() | endpoint | _FUNCTION


def _enrol(variables: dict[str, str], data: Path, faces: int) -> None:
    command = [sys.executable, "-m", "bench.enrol", COLLECTION, str(data), str(faces)]
    subprocess.run(
        command,
        cwd=ROOT,
        env=environment(1, variables),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _starts(program: str, variables: dict[str, str]) -> Callable[[int], Taken]:
    def measured(_: int) -> Taken:
        taken: Taken = _start(program, variables)
        return taken

    return measured


def _start(program: str, variables: dict[str, str]) -> Any:
    # As many threads as Lambda grants for the default of `api_memory_mib`.
    granted = environment(os.cpu_count() or 1, variables | {STARTED: started_at()})
    done = subprocess.run(
        [sys.executable, "-m", "bench.start", program, str(PICTURE)],
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
