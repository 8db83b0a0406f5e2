"""compact: runs the compactor now and prints its work. docs/operating.md says when to use it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

from semblance_cli import compactor, stack
from semblance_cli.compactor import Compacted, Run
from semblance_cli.terminal import count, errors, note, output
from semblance_cli.usage import Parser

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient


def add_to(parser: Parser) -> None:
    command = parser.add_command(
        "compact",
        "run the compactor now, instead of at its next scheduled time",
        about="It erases the remains of deleted faces and collections, writes snapshots and "
        "corrects counts.",
        synopsis="[OPTIONS] [COLLECTION]",
        examples=(
            "semblance compact",
            "semblance compact staff",
            "semblance compact staff --stack Doors --region eu-central-1",
        ),
    )
    command.add_argument(
        "collection", nargs="?", metavar="COLLECTION", help="the collection's id (default: all)"
    )
    group = stack.add_options(command)
    group.add_argument("--function", metavar="NAME", help=f"the stack's output {compactor.OUTPUT}")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    account = stack.account(options)
    function = options.function or _function(account, options.stack)
    client = account.functions(compactor.CONFIG)
    runs: list[Run] = []
    with errors.status("Compacting") as status:
        for each in _runs(client, function, options.collection):
            runs.append(each)
            status.update(f"Compacting: {count(len(each['Left']), 'collection')} to come")
    _print(runs)
    return 1 if any(each["Failed"] for each in runs) else 0


def _function(account: stack.Account, name: str) -> str:
    outputs = stack.outputs(
        account.cloudformation(), name, [compactor.OUTPUT], instead="give --function"
    )
    return outputs[compactor.OUTPUT]


def _runs(client: LambdaClient, function: str, collection: str | None) -> Iterator[Run]:
    """One run, and one each for the collections that it had no time for."""
    first = compactor.compact(client, function, collection)
    yield first
    for name in first["Left"]:
        run = compactor.compact(client, function, name)
        run["Failed"] += [{"What": each, "Error": "takes too long"} for each in run["Left"]]
        run["Left"] = []
        yield run


def _print(runs: list[Run]) -> None:
    compacted = [each for run in runs for each in run["Compacted"]]
    if compacted:
        output().print(_table(compacted))
    if any(each["counts"] is None for each in compacted):
        note("Not counted: something was stored there in the last 16 minutes.")
    if finished := sum(run["Erased"] for run in runs):
        note(f"{count(finished, 'deleted collection')} swept for good.")
    if unfinished := max(run["Erasing"] for run in runs):
        note(
            f"{count(unfinished, 'deleted collection')} swept; the last sweep follows 17 minutes "
            "after the deletion."
        )
    for each in (failed for run in runs for failed in run["Failed"]):
        note(f"Failed: {each['What']}: {each['Error']}")


def _table(compacted: list[Compacted]) -> Table:
    table = Table("collection", box=SIMPLE_HEAD, show_edge=False)
    for title in ("snapshot", "counts", "retired", "scrubbed", "expired", "seconds"):
        table.add_column(title, justify="right")
    for each in compacted:
        numbers = (each["retired"], each["scrubbed"], each["expired"], each["seconds"])
        counts = each["counts"] or "not counted"
        table.add_row(each["collection"], _snapshot(each), counts, *map(str, numbers))
    return table


def _snapshot(each: Compacted) -> str:
    if each["snapshot_faces"] is None or each["snapshot_bytes"] is None:
        return "-"
    megabytes = each["snapshot_bytes"] / 1e6
    return f"{count(each['snapshot_faces'], 'face')}, {megabytes:,.1f} MB"
