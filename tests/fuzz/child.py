"""The process under test: takes cases from a pipe, one at a time, and sends back each outcome."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import NamedTuple

from tests.fuzz import memory
from tests.fuzz.cases import Case
from tests.fuzz.outcomes import Limits, Outcome

READY = "ready"
_WALL_TIMES = 4
"""Ratio of address space to resident memory: libraries and thread stacks take a lot of the first
and little of the second."""


class Verdict(NamedTuple):
    code: str
    problem: str | None = None
    seconds: float | None = None
    """The measured time, when only part of the work counts."""


Answer = Callable[[Case], Verdict]


class Said(logging.Handler):
    """The logged exceptions of the handlers, which their replies never show."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        info = record.exc_info
        stack = "".join(traceback.format_exception(*info)) if info and info[0] else ""
        self.lines.append(f"{record.getMessage()}\n{stack}")

    def take(self) -> str:
        told, self.lines = "\n".join(self.lines), []
        return told


def serve(pipe: Connection, make_answer: Callable[[], Answer], limits: Limits, log: str) -> None:
    """Serves until the other end of the pipe is closed."""
    _listen_to_ourselves(log)
    memory.wall_mib(limits.memory_mib * _WALL_TIMES)
    answer = make_answer()
    said = Said()
    for name in ("", "service_undefined"):  # Powertools' loggers do not propagate to the root
        logging.getLogger(name).addHandler(said)
    pipe.send(READY)
    while True:
        try:
            case = pipe.recv()
        except EOFError:
            return
        pipe.send(_outcome(case, answer, said))


def _outcome(case: Case, answer: Answer, said: Said) -> Outcome:
    memory.forget_peak()
    said.take()
    started = time.perf_counter()
    try:
        verdict = answer(case)
    except Exception:  # noqa: BLE001  # any exception is a finding: the handler raised it
        verdict = Verdict("raised", f"the handler raised\n{traceback.format_exc()}")
    seconds = time.perf_counter() - started if verdict.seconds is None else verdict.seconds
    story = said.take() if verdict.problem else ""
    peak, resident = memory.peak_mib(), memory.resident_mib()
    return Outcome(verdict.code, seconds, peak, verdict.problem, story, resident)


def _listen_to_ourselves(log: str) -> None:
    """Discards log lines and metrics. The stack of a crash or of an endless loop goes to a file."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 2)
    faulthandler.enable(file)
    faulthandler.register(signal.SIGTERM, file, chain=True)
