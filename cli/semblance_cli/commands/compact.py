"""compact: has the compactor run now and says what it did. docs/operating.md says what for."""

import argparse
import json
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config
from rich.box import SIMPLE_HEAD
from rich.table import Table

from semblance_cli import stack
from semblance_cli.bulk import report
from semblance_cli.problems import CommandError, errors, note

_OUTPUT = "CompactorFunction"
_NUMBERS = ("retired", "scrubbed", "expired", "seconds")
_LONGEST_RUN_SECONDS = 900
_CONFIG = Config(
    connect_timeout=10,
    read_timeout=_LONGEST_RUN_SECONDS + 30,
    retries={"total_max_attempts": 1},  # a run that is under way is not to be begun once more
    tcp_keepalive=True,
)

Run = dict[str, Any]


def add_to(commands: Any) -> None:
    text = "erase what was deleted, write snapshots, correct counts: now, not by the clock"
    compact = commands.add_parser("compact", help=text, description=text)
    compact.add_argument(
        "collection", nargs="?", metavar="COLLECTION", help="the collection's id (default: all)"
    )
    group = compact.add_argument_group("which deployment")
    stack.add_option(group)
    group.add_argument("--function", metavar="NAME", help=f"the stack's output {_OUTPUT}")
    group.add_argument("--region", help="the AWS region")
    group.add_argument("--profile", help="the profile of the AWS configuration")
    compact.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    session = boto3.Session(profile_name=options.profile, region_name=options.region)
    function = options.function or _function(session, options.stack)
    runs: list[Run] = []
    with errors.status("Compacting") as status:
        for each in _runs(invoker(session), function, options.collection):
            runs.append(each)
            status.update(f"Compacting: {report.count(len(each['Left']), 'collection')} to come")
    _print(runs)
    return 1 if any(each["Failed"] for each in runs) else 0


def invoker(session: boto3.Session) -> Any:
    """A client that waits for as long as a run may take."""
    return session.client("lambda", config=_CONFIG)


def _runs(client: Any, function: str, collection: str | None) -> Iterator[Run]:
    """What one run has no time for is asked for by its name."""
    first = invoke(client, function, {"CollectionId": collection} if collection else {})
    yield first
    for name in first["Left"]:
        run = invoke(client, function, {"CollectionId": name})
        run["Failed"] += [{"What": each, "Error": "takes too long"} for each in run["Left"]]
        yield run | {"Left": []}


def invoke(client: Any, function: str, event: dict[str, Any]) -> Run:
    """Raises CommandError."""
    reply = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
    run: Run = json.load(reply["Payload"])
    if "FunctionError" in reply:
        raise CommandError(
            f"{function} did not come to its end: {run.get('errorMessage', run)}. Its log says "
            "more; what it had done is done."
        )
    if "Error" in run:
        raise CommandError(run["Error"]["Message"])
    return run


def _function(session: boto3.Session, name: str) -> str:
    try:
        outputs = stack.outputs(session.client("cloudformation"), name)
    except stack.NoStackError as error:
        raise CommandError(f"{error}; or give --function") from error
    if _OUTPUT not in outputs:
        raise CommandError(f"The stack {name} has no output {_OUTPUT}: is it Semblance's?")
    return outputs[_OUTPUT]


def _print(runs: list[Run]) -> None:
    compacted = [each for run in runs for each in run["Compacted"]]
    if compacted:
        table = Table("collection", box=SIMPLE_HEAD, show_edge=False)
        for title in ("snapshot", "counts", *_NUMBERS):
            table.add_column(title, justify="right")
        for each in compacted:
            numbers = (str(each[name]) for name in _NUMBERS)
            counts = each["counts"] or "not counted"
            table.add_row(each["collection"], _snapshot(each), counts, *numbers)
        report.console().print(table)
    if any(each["counts"] is None for each in compacted):
        note("Not counted: something was stored there in the last 16 minutes.")
    if erased := sum(run["Erased"] for run in runs):
        note(f"{report.count(erased, 'deleted collection')} erased.")
    if erasing := max(run["Erasing"] for run in runs):
        note(
            f"{report.count(erasing, 'deleted collection')} swept, to be swept once more "
            "17 minutes after the deletion."
        )
    for each in (failed for run in runs for failed in run["Failed"]):
        note(f"Failed: {each['What']}: {each['Error']}")


def _snapshot(each: dict[str, Any]) -> str:
    if each["snapshot_faces"] is None:
        return "-"
    megabytes = each["snapshot_bytes"] / 1e6
    return f"{report.count(each['snapshot_faces'], 'face')}, {megabytes:,.1f} MB"
