"""The command line's parsers: help with examples, errors in one line, near misses by name."""

import argparse
import difflib
import sys
import textwrap
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, NoReturn

USAGE_ERROR = 2
_WIDTH = 78
"""Of every help text, in a terminal of any width: docs/cli.md prints the same."""
_HELP_COLUMN = 27
_NAME = "semblance"


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=_HELP_COLUMN, width=_WIDTH)
        # One column in all texts; by itself argparse looks for the least one that fits.
        self._action_max_length = _HELP_COLUMN


class _Version(argparse.Action):
    """Looks the version up when it is asked for, and in the installed package: it stands there
    alone."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        sys.stdout.write(f"{_NAME} {version(_NAME)}\n")
        parser.exit()


class Parser(argparse.ArgumentParser):
    """Made by `semblance` and by `add_command` only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Formatter, **options)
        self.commands: list[Parser] = []
        self.examples: Sequence[str] = ()
        self._adder: argparse._SubParsersAction[Parser] | None = None

    def add_command(
        self, name: str, summary: str, *, synopsis: str, examples: Sequence[str], about: str = ""
    ) -> "Parser":
        """`synopsis` is the usage after the command's name. Each example is a whole invocation."""
        if self._adder is None:
            self._adder = self.add_subparsers(
                title="commands", metavar="COMMAND", required=True, prog=self.prog
            )
        parser = self._adder.add_parser(
            name,
            help=summary,
            usage=f"%(prog)s {synopsis}",
            description=filled(f"{summary[0].upper()}{summary[1:]}.", about),
            epilog=_listed(examples),
        )
        parser.examples = examples
        parser.set_defaults(parser=parser)
        self.commands.append(parser)
        return parser

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE_ERROR, f"{self.prog}: error: {message} (see {self.prog} --help)\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """argparse's own check of choices, which lists all of them and suggests none."""
        if action.choices is None or value in action.choices:
            return
        names = [str(choice) for choice in action.choices]
        near = difflib.get_close_matches(str(value), names, n=1)
        advice = f"did you mean {near[0]}?" if near else f"choose from {', '.join(names)}"
        raise argparse.ArgumentError(action, f"{str(value)!r} is unknown: {advice}")


def semblance(about: str, examples: Sequence[str]) -> Parser:
    parser = Parser(
        prog=_NAME,
        usage="%(prog)s [--version] COMMAND ...",
        description=filled(about),
        epilog=_listed(examples),
    )
    parser.examples = examples
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="show the installed version and exit"
    )
    return parser


def filled(*paragraphs: str) -> str:
    """Broken into lines: argparse prints descriptions as they are."""
    return "\n\n".join(textwrap.fill(each, _WIDTH - 2) for each in paragraphs if each)


def _listed(examples: Sequence[str]) -> str:
    return "\n".join(["examples:", *(f"  {example}" for example in examples)])
