"""forget: erases a person from a collection, looks in every place again, and writes a report.

docs/erasure.md lists the places that are erased, and the remains with their expiry.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

from botocore.exceptions import ClientError
from rich.box import SIMPLE_HEAD
from rich.progress import Progress
from rich.prompt import Confirm
from rich.table import Table

from semblance_cli import compactor, stack, traces
from semblance_cli.compactor import Forgotten, Place, Removed
from semblance_cli.problems import CommandError
from semblance_cli.stack import Account
from semblance_cli.terminal import count, errors, output
from semblance_cli.traces import Cleared, Person
from semblance_cli.usage import Parser

_OUTPUTS = (compactor.OUTPUT, "TableName", "ResultsBucket", "InputBucket")
_WARM = (
    "Functions that are running drop a face's vector at their next search of the collection, and "
    "the collection itself an hour after the last one."
)


class Kept(TypedDict):
    What: str
    Until: str


class Findings(TypedDict):
    Collection: str
    Asked: dict[str, Any]
    FaceIds: list[str]
    ExternalImageIds: list[str]
    Erased: Removed
    Places: list[Place]
    Kept: list[Kept]
    Clean: bool


class Report(Findings):
    Deployment: str
    By: str
    At: str
    Sha256: str


def add_to(parser: Parser) -> None:
    command = parser.add_command(
        "forget",
        "erase a person from a collection, and report on every place searched",
        about="Asks before it erases. Ends with status 1 when something of the person is left, and "
        "can then be run again.",
        synopsis="[OPTIONS] PERSON COLLECTION",
        examples=(
            "semblance forget --external-image-id obama staff",
            "semblance forget --user-id u-17 staff --results --photos --report gone.json",
            "semblance forget --face-id 0a1b2c3d-1111-2222-3333-444455556666 staff --yes",
        ),
    )
    command.add_argument("collection", metavar="COLLECTION", help="the collection's id")
    group = command.add_argument_group("the person, one of")
    person = group.add_mutually_exclusive_group(required=True)
    person.add_argument("--face-id", action="append", metavar="ID", help="a face (repeatable)")
    person.add_argument("--user-id", metavar="ID", help="a user and all its faces")
    person.add_argument("--external-image-id", metavar="ID", help="all faces with this id")
    command.add_argument(
        "--results", action="store_true", help="also clear the results of dropped photos"
    )
    command.add_argument(
        "--photos",
        action="store_true",
        help="also delete the photos that were dropped to index the person",
    )
    command.add_argument("--report", type=Path, metavar="FILE", help="write the report as JSON")
    command.add_argument("--yes", action="store_true", help="do not ask")
    stack.add_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    account = stack.account(options)
    outputs = stack.outputs(account.cloudformation(), options.stack, _OUTPUTS)
    asked = _asked(options)
    if not options.yes:
        _confirm(options.collection, asked)
    with errors.status("Erasing, compacting, looking"):
        forgotten = compactor.forget(
            account.functions(compactor.CONFIG),
            outputs[compactor.OUTPUT],
            options.collection,
            asked,
        )
    places = [*forgotten["Places"], *_clear_buckets(account, outputs, options, forgotten)]
    report = _signed(
        account,
        options.stack,
        {
            "Collection": options.collection,
            "Asked": asked,
            "FaceIds": forgotten["FaceIds"],
            "ExternalImageIds": forgotten["ExternalImageIds"],
            "Erased": forgotten["Erased"],
            "Places": places,
            "Kept": _kept(account, outputs, options, forgotten),
            "Clean": forgotten["Clean"] and not any(place["Found"] for place in places),
        },
    )
    _print(report)
    if options.report:
        options.report.write_text(json.dumps(report, indent=2) + "\n")
    return 0 if report["Clean"] else 1


def digest(report: Mapping[str, object]) -> str:
    """SHA-256 of the report without its own digest, as JSON with sorted keys."""
    rest = {name: value for name, value in report.items() if name != "Sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    named = {
        "FaceIds": options.face_id,
        "UserId": options.user_id,
        "ExternalImageId": options.external_image_id,
    }
    return {name: value for name, value in named.items() if value is not None}


def _confirm(collection: str, asked: dict[str, Any]) -> None:
    ((name, value),) = asked.items()
    person = ", ".join(value) if isinstance(value, list) else value
    if not sys.stdin.isatty():
        raise CommandError("This erases for good: confirm it with --yes")
    question = f"Erase {name} {person} from {collection} for good?"
    if not Confirm.ask(question, console=errors, default=False):
        raise CommandError("Nothing was erased.")


def _clear_buckets(
    account: Account, outputs: dict[str, str], options: argparse.Namespace, forgotten: Forgotten
) -> list[Place]:
    person = Person(
        options.collection,
        frozenset(forgotten["FaceIds"]),
        frozenset(forgotten["ExternalImageIds"]),
    )
    s3, places = account.s3(), []
    if options.results:
        bucket = outputs["ResultsBucket"]
        clear = _with_progress("Results", traces.clear_results, s3, bucket, person)
        places.append(_place("results of dropped photos", clear))
    if options.photos:
        bucket = outputs["InputBucket"]
        clear = _with_progress("Photos", traces.clear_photos, s3, bucket, person)
        places.append(_place("dropped photos", clear))
    return places


def _with_progress(title: str, clear: Callable[..., Cleared], *arguments: Any) -> Cleared:
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task(title, total=None)
        return clear(*arguments, lambda done: progress.update(task, completed=done))


def _place(name: str, objects: Cleared) -> Place:
    return {
        "Place": name,
        "LookedAt": objects.looked_at,
        "Found": objects.left,
        "Erased": objects.cleared,
    }


def _kept(
    account: Account, outputs: dict[str, str], options: argparse.Namespace, forgotten: Forgotten
) -> list[Kept]:
    """The remains: places that cannot be erased, and those that the options left out."""
    kept: list[Kept] = [
        {"What": "bare ids of deleted faces and users", "Until": forgotten["BareIdsUntil"]},
        {"What": "backups of the table", "Until": _backups(account, outputs["TableName"])},
        {"What": "memory of running functions", "Until": _WARM},
    ]
    if not options.results:
        kept.append({"What": "results of dropped photos", "Until": "not looked at (--results)"})
    if not options.photos:
        kept.append({"What": "dropped photos", "Until": "not looked at (--photos)"})
    return kept


def _backups(account: Account, table: str) -> str:
    try:
        reply = account.dynamodb().describe_continuous_backups(TableName=table)
    except ClientError as error:
        return f"not known: {error}"
    recovery = reply["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        return "there are none"
    return f"{recovery.get('RecoveryPeriodInDays', 35)} days from now"


def _signed(account: Account, stack_name: str, findings: Findings) -> Report:
    report: Report = {
        **findings,
        "Deployment": stack_name,
        "By": account.sts().get_caller_identity()["Arn"],
        "At": datetime.now(UTC).isoformat(timespec="seconds"),
        "Sha256": "",
    }
    report["Sha256"] = digest(report)
    return report


def _print(report: Report) -> None:
    out, erased = output(), report["Erased"]
    out.print(
        f"Erased from {report['Collection']}: {count(erased['Faces'], 'face')}, "
        f"{count(erased['Users'], 'user')}, {count(erased['Tokens'], 'request token')}"
    )
    table = Table("looked in", box=SIMPLE_HEAD, show_edge=False)
    table.add_column("looked at", justify="right")
    table.add_column("still there", justify="right")
    for place in report["Places"]:
        found = str(place["Found"]) if place["Found"] else "nothing"
        table.add_row(place["Place"], f"{place['LookedAt']:,}", found)
    out.print(table)
    for kept in report["Kept"]:
        out.print(f"Stays: {kept['What']}: {kept['Until']}", markup=False, soft_wrap=True)
    verdict = "Nothing of it is left." if report["Clean"] else "Something is left: run it again."
    out.print(verdict)
    out.print(f"{report['By']}, {report['At']}, SHA-256 {report['Sha256']}", markup=False)
