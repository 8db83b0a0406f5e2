"""Subject: the process under test, seen from the one that tests it. When it dies, the outcome names
the case, and another process starts."""

from __future__ import annotations

import multiprocessing
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests.fuzz import child
from tests.fuzz.cases import Case
from tests.fuzz.outcomes import Limits, Outcome, judged

_spawning = multiprocessing.get_context("spawn")
_START_SECONDS = 120
_STORY_CHARACTERS = 4000
_LAST_WORDS_SECONDS = 5

MakeAnswer = Callable[[], child.Answer]
"""The process under test imports this function and calls it once."""


@dataclass
class Subject:
    make_answer: MakeAnswer
    limits: Limits = field(default_factory=Limits)
    starts: int = 0
    _process: BaseProcess | None = None
    _pipe: Connection | None = None
    _folder: Any = field(default_factory=tempfile.TemporaryDirectory)

    def __enter__(self) -> Subject:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._folder.cleanup()

    def try_one(self, case: Case) -> Outcome:
        pipe = self._pipe or self._start()
        try:
            pipe.send(case)
            if pipe.poll(self.limits.patience_seconds):
                return judged(pipe.recv(), self.limits)
        except (EOFError, ConnectionError):
            return self._died()
        return self._hung()

    def _start(self) -> Connection:
        ours, theirs = _spawning.Pipe()
        arguments = (theirs, self.make_answer, self.limits, str(self._log))
        process = _spawning.Process(target=child.serve, args=arguments, daemon=True)
        process.start()
        theirs.close()  # only the child holds that end now, so its death closes the pipe
        self._process, self._pipe = process, ours
        self.starts += 1
        if not ours.poll(_START_SECONDS) or ours.recv() != child.READY:
            raise RuntimeError(f"the process under test does not start:\n{self._last_words()}")
        return ours

    def _died(self) -> Outcome:
        assert self._process is not None
        self._process.join(_LAST_WORDS_SECONDS)
        ending = _ending(self._process.exitcode)
        story = self._last_words()
        self._end()
        return Outcome(ending, problem=f"the process died: {ending}", story=story)

    def _hung(self) -> Outcome:
        """Asks the process for its stack before it kills it."""
        assert self._process is not None
        self._process.terminate()
        self._process.join(_LAST_WORDS_SECONDS)
        story = self._last_words()
        self._end()
        patience = self.limits.patience_seconds
        return Outcome("no answer", patience, problem=f"no answer in {patience} s", story=story)

    def _end(self) -> None:
        if self._process is not None and self._pipe is not None:
            self._pipe.close()
            self._process.kill()
            self._process.join()
        self._process = self._pipe = None

    @property
    def _log(self) -> Path:
        return Path(self._folder.name) / "said"

    def _last_words(self) -> str:
        return self._log.read_text(errors="replace")[-_STORY_CHARACTERS:]


def _ending(exit_code: int | None) -> str:
    if exit_code is None:
        return "closed its pipe"
    return signal.Signals(-exit_code).name if exit_code < 0 else f"exit {exit_code}"
