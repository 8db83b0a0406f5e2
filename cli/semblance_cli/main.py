"""The command `semblance`, with which an operator looks after a deployment."""

import os
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from semblance_cli import problems, terminal, usage
from semblance_cli.commands import (
    accuracy,
    check,
    compact,
    dead_letters,
    folders,
    forget,
    keys,
    pack,
)
from semblance_cli.signals import unwind_on_signals

COMMANDS = (folders, accuracy, pack, compact, forget, keys, dead_letters, check)
GAVE_UP, INTERRUPTED = 2, 130

_ABOUT = (
    "Operate a deployment of Semblance: send folders of photos through it, erase people from it, "
    "measure its accuracy on your own people, manage its access keys, retry photos that failed, "
    "and prove that all of it works."
)
_EXAMPLES = (
    "semblance check",
    "semblance import-folder people staff --create",
    "semblance search-folder gate staff --output found.csv",
    "semblance keys list",
    "semblance dead-letters list",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """0: all is well. 1: the output names the problems. 2: the command gave up."""
    options, unknown = parser().parse_known_args(arguments)
    if unknown:
        options.parser.error(f"unknown: {' '.join(unknown)}")
    try:
        return int(options.run(options))
    except problems.CommandError as problem:
        terminal.complain(problem)
    except (BotoCoreError, ClientError) as error:
        terminal.complain(problems.explain(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    return GAVE_UP


def run() -> None:
    """The console script."""
    unwind_on_signals()
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # `semblance ... | head`: the reader has closed the pipe and wants no more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = GAVE_UP
    sys.exit(status)


def parser() -> usage.Parser:
    made = usage.semblance(_ABOUT, _EXAMPLES)
    for each in COMMANDS:
        each.add_to(made)
    return made
