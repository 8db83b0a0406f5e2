"""docs/cli.md: the help of every command, as `semblance ... --help` prints it."""

from collections.abc import Iterator

from semblance_cli.main import parser
from semblance_cli.usage import Parser


def page() -> str:
    return f"""# The command `semblance`

For you who operate a deployment: every command and option, as `semblance COMMAND --help` prints
them. You install the command with `pip install ".[cli]"` in a checkout; the
[README](../README.md#operate-it) shows how you get it without one. `make docs` generates this page.

The commands find your deployment by its stack (`--stack`, `Semblance` unless you name another) and
use your AWS credentials, like the AWS CLI.

| exit status | meaning |
|---|---|
| 0 | all is well |
| 1 | the command finished, and its output names each problem |
| 2 | you called it wrongly, or it gave up; stderr says why |
| 130 | you stopped it with Ctrl-C |
{"".join(_sections(parser(), level=2))}"""


def _sections(command: Parser, level: int) -> Iterator[str]:
    yield f"\n{'#' * level} {command.prog}\n\n```text\n{command.format_help()}```\n"
    for each in command.commands:
        yield from _sections(each, min(level + 1, 3))
