"""Starts measured subjects, each in a process of its own, and asks them line by line."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Generic, Self, TypeVar, cast

ROOT = Path(__file__).resolve().parents[1]
LOCAL = ROOT / ".local"
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Some machines set these for old libraries; without them numpy chooses its own kernels."""

Ready = TypeVar("Ready")
Answer = TypeVar("Answer")


class NotInstalledError(Exception):
    """A rival cannot be measured because this Python package is not installed."""


class Worker(Generic[Ready, Answer]):
    """`python -m bench.worker <kind> <arguments>`. Its constructor returns when it is ready."""

    ready: Ready

    def __init__(
        self,
        kind: str,
        arguments: Mapping[str, object],
        threads: int = 1,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._name = f"{kind} {json.dumps(dict(arguments), default=str)}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.worker", *self._name.split(" ", 1)],
            cwd=ROOT,
            env=environment(threads, variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._questions = cast(IO[str], self._process.stdin)
        self._answers = cast(IO[str], self._process.stdout)
        try:
            self.ready = self._read()
        except BaseException:
            self.close()
            raise

    def ask(self, **question: object) -> Answer:
        self._questions.write(json.dumps(question) + "\n")
        self._questions.flush()
        answer: Answer = self._read()
        return answer

    def close(self) -> None:
        """The process ends by itself when its questions end."""
        with contextlib.suppress(OSError):
            self._questions.close()
        self._answers.close()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _read(self) -> Any:
        line = self._answers.readline()
        if not line:
            raise RuntimeError(f"worker {self._name} ended with status {self._process.wait()}")
        reply = json.loads(line)
        if isinstance(reply, dict) and "not installed" in reply:
            raise NotInstalledError(reply["not installed"])
        return reply


@contextlib.contextmanager
def running(
    wanted: Mapping[str, Callable[[], Worker[Ready, Answer]]],
) -> Iterator[tuple[dict[str, Worker[Ready, Answer]], dict[str, str]]]:
    """The workers that start, by label; for each of the others, the reason that it is left out."""
    workers: dict[str, Worker[Ready, Answer]] = {}
    left_out: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        for label, start in wanted.items():
            try:
                workers[label] = stack.enter_context(start())
            except NotInstalledError as missing:
                left_out[label] = f"{missing} is not installed"
        yield workers, left_out


def environment(threads: int = 1, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Of a measured process: its libraries use as many threads as are granted, and no more."""
    kept = {name: value for name, value in os.environ.items() if name not in _SLOWING}
    granted = dict.fromkeys(_THREADS, str(threads))
    here = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "layers")])}
    return kept | granted | here | dict(more or {})


def started_at() -> str:
    """The time for a child process to count from: this clock is the same in all processes."""
    return repr(time.monotonic())
