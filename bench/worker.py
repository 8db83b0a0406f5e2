"""The process of one thing that is measured: reads questions, one JSON a line, and answers them."""

import importlib
import json
import os
import sys
from typing import Any

KINDS = {
    "search": "bench.searcher",
    "picture": "bench.pipelines",
    "handler": "bench.load",
}


def main() -> None:
    kind, arguments = sys.argv[1], json.loads(sys.argv[2])
    # Whatever else is printed, our own log among it, is not an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def say(reply: Any) -> None:
        answers.write(json.dumps(reply) + "\n")
        answers.flush()

    try:
        subject = importlib.import_module(KINDS[kind]).make(**arguments)
    except ModuleNotFoundError as error:
        say({"not installed": error.name})
        return
    say(subject.ready())
    for line in sys.stdin:
        say(subject.answer(**json.loads(line)))


if __name__ == "__main__":
    main()
