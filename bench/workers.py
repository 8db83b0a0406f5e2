"""Each thing that is measured lives in a process of its own, and answers line by line."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

ROOT = Path(__file__).resolve().parents[1]
LOCAL = ROOT / ".local"
_SINGLE_THREADED = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
_SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Set on some machines for old libraries' sake: a current numpy is to choose its kernels itself."""


class NotInstalledError(Exception):
    """What is to be measured is not there: a rival, where its packages are not installed."""


class Worker:
    """`python -m bench.worker <kind> <arguments>`. Its constructor returns when it is ready."""

    def __init__(
        self,
        kind: str,
        arguments: Mapping[str, Any],
        threads: int = 1,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        command = [
            sys.executable,
            "-m",
            "bench.worker",
            kind,
            json.dumps(dict(arguments), default=str),
        ]
        self._process = subprocess.Popen(
            command,
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

    def ask(self, **question: Any) -> Any:
        self._questions.write(json.dumps(question) + "\n")
        self._questions.flush()
        return self._read()

    def close(self) -> None:
        """It ends when there is nothing more to read."""
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
            raise RuntimeError(f"{self._process.args[3:]} ended with {self._process.wait()}")
        reply = json.loads(line)
        if isinstance(reply, dict) and "not installed" in reply:
            raise NotInstalledError(reply["not installed"])
        return reply


def environment(threads: int = 1, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Of a process that is measured: as many threads as are granted, and no more."""
    kept = {name: value for name, value in os.environ.items() if name not in _SLOWING}
    granted = {name: str(threads) for name in _SINGLE_THREADED}
    return kept | granted | {"PYTHONPATH": str(ROOT)} | dict(more or {})


def started_at() -> str:
    """For a child process that tells how long ago it was started: one clock for all processes."""
    return repr(time.monotonic())
