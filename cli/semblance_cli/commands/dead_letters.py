"""dead-letters: lists the photos that five tries could not process, and has them tried again."""

import argparse
import time
from collections.abc import Callable

from rich.table import Table
from rich.text import Text

from semblance_cli import stack
from semblance_cli.dead_letters import DeadLetters
from semblance_cli.terminal import output
from semblance_cli.usage import Parser

_OUTPUTS = ("DeadLetterQueueUrl", "QueueUrl")


def add_to(parser: Parser) -> None:
    group = parser.add_command(
        "dead-letters",
        "list or redrive the photos that failed five times",
        about="Look into the worker's log for the reason of a failure, and mend it, before you "
        "redrive: docs/operating.md.",
        synopsis="COMMAND ...",
        examples=("semblance dead-letters list", "semblance dead-letters redrive"),
    )
    _add(group, "list", "list key, version, tries and age of each photo", show)
    _add(group, "redrive", "put all photos back into the queue", redrive)


def _add(group: Parser, name: str, summary: str, run: Callable[[DeadLetters], int]) -> None:
    example = f"semblance dead-letters {name}"
    command = group.add_command(
        name,
        summary,
        synopsis="[OPTIONS]",
        examples=(example, f"{example} --stack Doors --region eu-central-1"),
    )
    stack.add_options(command)
    command.set_defaults(run=lambda options: run(_letters(options)))


def _letters(options: argparse.Namespace) -> DeadLetters:
    account = stack.account(options)
    outputs = stack.outputs(account.cloudformation(), options.stack, _OUTPUTS)
    return DeadLetters(account.sqs(), outputs["DeadLetterQueueUrl"], outputs["QueueUrl"])


def show(letters: DeadLetters) -> int:
    found = letters.all()
    if not found:
        output().print("There are no dead letters.")
        return 0
    table = Table("key", "version", "tries", "age")
    for letter in sorted(found, key=lambda each: each.sent_at):
        for key, version in letter.photos:
            age = _age(time.time() - letter.sent_at)
            table.add_row(Text(key, overflow="fold"), Text(version), str(letter.tries), age)
    output().print(table)
    return 0


def redrive(letters: DeadLetters) -> int:
    moved = letters.redrive()
    if moved is None:
        output().print("SQS is moving them back to the queue.")
    else:
        output().print(f"Moved back to the queue: {moved}")
    return 0


def _age(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
