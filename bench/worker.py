"""One measured subject in a process of its own: reads questions, a JSON line each, and answers.

`python -m bench.worker <kind> <arguments>`: each kind is a module whose `make` returns the subject.
"""

import importlib
import json
import os
import sys
from typing import Protocol

KINDS = {
    "search": "bench.searcher",
    "picture": "bench.pipelines",
    "handler": "bench.load",
}


class Subject(Protocol):
    def ready(self) -> object:
        """Reported once, before the first question."""

    def answer(self, **question: object) -> object: ...


def main() -> None:
    kind, arguments = sys.argv[1], json.loads(sys.argv[2])
    # Libraries and the log of Semblance print to file 1. Answers go to a copy of it instead, and
    # prints go nowhere.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def say(reply: object) -> None:
        answers.write(json.dumps(reply) + "\n")
        answers.flush()

    try:
        subject: Subject = importlib.import_module(KINDS[kind]).make(**arguments)
    except ModuleNotFoundError as error:
        say({"not installed": error.name})
        return
    say(subject.ready())
    for line in sys.stdin:
        say(subject.answer(**json.loads(line)))


if __name__ == "__main__":
    main()
