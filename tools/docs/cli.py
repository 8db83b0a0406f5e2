"""docs/cli.md, from `semblance --help` and the help of each command."""

import argparse
from collections.abc import Iterator
from typing import cast

from tools.cli import _parser as parser

_WIDTH = 88


def page() -> str:
    return f"""# The command `semblance`

For you who operate a deployment: every command and option, as `--help` prints them. You install
the command with `pip install ".[cli]"` in a checkout; the [README](../README.md#operate-it) shows
how you get it without one. `make docs` generates this page.

The commands find your deployment by its stack (`--stack`, `Semblance` unless you name another) and
use your AWS credentials, like the AWS CLI. Each of them ends with status 0 when all is well, 1 when
something that it worked on is not, 2 when it gave up (it says why), and 130 after Ctrl-C.

{chr(10).join(_sections(parser(), "semblance"))}"""


def _sections(command: argparse.ArgumentParser, name: str) -> Iterator[str]:
    yield f"## {name}\n\n```text\n{_help(command)}```\n"
    for action in command._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, each in action.choices.items():
                yield from _sections(each, f"{name} {word}")


def _help(command: argparse.ArgumentParser) -> str:
    """As wide on every machine, whatever its terminal."""
    layout = cast(type[argparse.HelpFormatter], command.formatter_class)

    def formatter(*, prog: str) -> argparse.HelpFormatter:
        return layout(prog=prog, width=_WIDTH)

    command.formatter_class = formatter
    return command.format_help()
