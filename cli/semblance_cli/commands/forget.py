"""forget: erases a person from a collection, looks everywhere, and signs what it saw.
docs/security.md says what is erased and what stays for how long."""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError
from rich.box import SIMPLE_HEAD
from rich.progress import Progress
from rich.prompt import Confirm
from rich.table import Table

from semblance_cli import stack, traces
from semblance_cli.bulk.report import console, count
from semblance_cli.commands.compact import invoke, invoker
from semblance_cli.problems import CommandError, errors
from semblance_cli.traces import Cleared, Person

Report = dict[str, Any]
_OUTPUTS = ("CompactorFunction", "TableName", "ResultsBucket", "InputBucket")
_WARM = (
    "Functions that are running drop a face's vector at their next search of the collection, and "
    "the collection itself an hour after the last one."
)


def add_to(commands: Any) -> None:
    text = "erase a person from a collection and sign a report of every place that was looked in"
    forget = commands.add_parser("forget", help=text, description=text)
    forget.add_argument("collection", metavar="COLLECTION")
    who = forget.add_mutually_exclusive_group(required=True)
    who.add_argument("--face-id", action="append", metavar="ID", help="these faces (repeatable)")
    who.add_argument("--user-id", metavar="ID", help="a user and all its faces")
    who.add_argument("--external-image-id", metavar="ID", help="all faces with this id")
    forget.add_argument(
        "--results", action="store_true", help="also from the results of dropped photos"
    )
    forget.add_argument(
        "--photos",
        action="store_true",
        help="also the photos that were dropped to be indexed under the person's external image id",
    )
    forget.add_argument("--report", type=Path, metavar="FILE", help="write the report as JSON")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    group = forget.add_argument_group("which deployment")
    stack.add_option(group)
    group.add_argument("--region", help="the AWS region")
    group.add_argument("--profile", help="the profile of the AWS configuration")
    forget.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    session = boto3.Session(profile_name=options.profile, region_name=options.region)
    outputs = _outputs(session, options.stack)
    asked = _asked(options)
    if not options.yes:
        _confirm(options.collection, asked)
    with errors.status("Erasing, compacting, looking"):
        event = {"CollectionId": options.collection, "Forget": asked}
        told = invoke(invoker(session), outputs["CompactorFunction"], event)
    places = [*told["Places"], *_buckets(session, outputs, options, told)]
    report = {
        "Collection": options.collection,
        "Asked": asked,
        "FaceIds": told["FaceIds"],
        "ExternalImageIds": told["ExternalImageIds"],
        "Erased": told["Erased"],
        "Places": places,
        "Kept": _kept(session, outputs, options, told),
        "Clean": told["Clean"] and not any(place["Found"] for place in places),
    }
    signed = _signed(session, options.stack, report)
    _print(signed)
    if options.report:
        options.report.write_text(json.dumps(signed, indent=2) + "\n")
    return 0 if signed["Clean"] else 1


def digest(report: Report) -> str:
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
    whom = ", ".join(value) if isinstance(value, list) else value
    if not sys.stdin.isatty():
        raise CommandError("This erases for good: say --yes")
    question = f"Erase {name} {whom} from {collection} for good?"
    if not Confirm.ask(question, console=errors, default=False):
        raise CommandError("Nothing was erased.")


def _buckets(
    session: boto3.Session, outputs: dict[str, str], options: argparse.Namespace, told: Report
) -> list[Report]:
    person = Person(
        options.collection, frozenset(told["FaceIds"]), frozenset(told["ExternalImageIds"])
    )
    s3, places = session.client("s3"), []
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


def _place(name: str, cleared: Cleared) -> Report:
    return {
        "Place": name,
        "LookedAt": cleared.looked_at,
        "Found": cleared.left,
        "Erased": cleared.erased,
    }


def _kept(
    session: boto3.Session, outputs: dict[str, str], options: argparse.Namespace, told: Report
) -> list[Report]:
    """What stays, of necessity or because nobody asked."""
    kept = [
        {"What": "bare ids of deleted faces and users", "Until": told["BareIdsUntil"]},
        {"What": "backups of the table", "Until": _backups(session, outputs["TableName"])},
        {"What": "memory of running functions", "Until": _WARM},
    ]
    if not options.results:
        kept.append({"What": "results of dropped photos", "Until": "not looked at (--results)"})
    if not options.photos:
        kept.append({"What": "dropped photos", "Until": "not looked at (--photos)"})
    return kept


def _backups(session: boto3.Session, table: str) -> str:
    try:
        reply = session.client("dynamodb").describe_continuous_backups(TableName=table)
    except ClientError as error:
        return f"not known: {error}"
    recovery = reply["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    if recovery["PointInTimeRecoveryStatus"] != "ENABLED":
        return "there are none"
    return f"{recovery.get('RecoveryPeriodInDays', 35)} days from now"


def _signed(session: boto3.Session, stack_name: str, report: Report) -> Report:
    identity = session.client("sts").get_caller_identity()
    signed = report | {
        "Deployment": stack_name,
        "By": identity["Arn"],
        "At": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return signed | {"Sha256": digest(signed)}


def _outputs(session: boto3.Session, name: str) -> dict[str, str]:
    try:
        outputs = stack.outputs(session.client("cloudformation"), name)
    except stack.NoStackError as error:
        raise CommandError(str(error)) from error
    missing = set(_OUTPUTS) - outputs.keys()
    if missing:
        raise CommandError(
            f"The stack {name} has no output {', '.join(sorted(missing))}: is it Semblance's, and "
            "is its deployment complete?"
        )
    return outputs


def _print(report: Report) -> None:
    out, erased = console(), report["Erased"]
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
