"""The command `semblance`: what an operator does to a deployment."""

import argparse
import os
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from semblance_cli import problems
from semblance_cli.commands import compact, folders, forget, keys
from semblance_cli.signals import unwind_on_signals

COMMANDS = (folders, compact, forget, keys)
GAVE_UP, INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """0: all is well. 1: the command says which of the things it worked on are not."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except problems.CommandError as problem:
        problems.complain(problem)
    except (BotoCoreError, ClientError) as error:
        problems.complain(problems.explain(error))
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
        # `semblance ... | head`: whoever read it has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = GAVE_UP
    sys.exit(status)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="semblance", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for each in COMMANDS:
        each.add_to(commands)
    return parser


if __name__ == "__main__":
    run()
