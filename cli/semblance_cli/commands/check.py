"""check: proves a deployment from outside. docs/checking.md describes each check."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.text import Text

from semblance_cli import stack
from semblance_cli.check import cleanup, groups, report, running
from semblance_cli.check.context import OUTPUTS, Context
from semblance_cli.check.endpoint import Endpoint
from semblance_cli.check.findings import Finding, State
from semblance_cli.key_store import KeyStore
from semblance_cli.problems import CommandError
from semblance_cli.terminal import errors, note, output
from semblance_cli.usage import Parser

_TIMEOUT_SECONDS = 40
_MOST_PHOTO_BYTES = 4_000_000
_AWS_HOSTS = (".amazonaws.com", ".amazonaws.com.cn")


def add_to(parser: Parser) -> None:
    command = parser.add_command(
        "check",
        "prove a deployment from outside, and name a remedy for each fault",
        about="It calls the API, drops a photo and asks AWS about every part of the stack. It "
        "removes everything that it makes and costs less than a cent. Exit status 0: nothing "
        "failed, 1: something did.",
        synopsis="[OPTIONS]",
        examples=(
            "semblance check",
            "semblance check --photo face.jpg",
            "semblance check --json --stack Doors --region eu-central-1",
        ),
    )
    command.add_argument(
        "--photo",
        type=Path,
        metavar="FILE",
        help="a JPEG or PNG with a clear face: indexed, found, deleted (default: a drawn picture "
        "without a face)",
    )
    command.add_argument(
        "--api-url",
        metavar="URL",
        help="the endpoint, if it is not the stack's output ApiUrl",
    )
    command.add_argument(
        "--wait",
        type=float,
        default=60,
        metavar="SECONDS",
        help="how long to wait for a result, an event or a log line (default: 60)",
    )
    command.add_argument(
        "--json",
        action="store_true",
        help="print JSON, without names of account, callers and hosts: for a report to Semblance's "
        "developers",
    )
    stack.add_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    context = _context(options)
    found: list[Finding] = []
    shown = None if options.json else _Lines()
    with (
        errors.status("Checking") as status,
        closing(_findings(context, status.update)) as findings,
    ):
        for finding in findings:
            found.append(finding)
            if shown:
                shown.add(finding)
    if options.json:
        written = report.as_json(found, _about(context))
        sys.stdout.write(json.dumps(written, indent=2) + "\n")
    else:
        note(f"\n{report.judgement(found)} {report.summary(found)}.")
    return 1 if report.counts(found)[State.FAILED] else 0


def _findings(context: Context, say: Callable[[str], object]) -> Generator[Finding, None, None]:
    """Cleans up in every case, after a closed terminal and Ctrl-C too."""
    try:
        yield from running.findings(context, groups.GROUPS, say)
        yield from running.findings(context, [groups.CLEANUP], say)
    finally:
        for left in context.cleanup.run():
            note(f"Not removed: {left}. The next check does it.")


class _Lines:
    """Prints findings as they come, with a title for each group."""

    def __init__(self) -> None:
        self._out = output()
        self._group = ""

    def add(self, finding: Finding) -> None:
        if finding.group != self._group:
            self._group = finding.group
            self._out.print(Text(f"\n{finding.group}", style="bold"), soft_wrap=True)
        state = finding.verdict.state
        first, *others = report.lines(finding)
        line = Text(f"{state:<9}  ", style=report.style(state)) + Text(first, style="")
        self._out.print(line, soft_wrap=True)
        for each in others:
            self._out.print(Text(f"{'':11}{each}"), soft_wrap=True)


def _context(options: argparse.Namespace) -> Context:
    account = stack.account(options)
    cloudformation = account.cloudformation()
    outputs = stack.outputs(cloudformation, options.stack, OUTPUTS)
    host = urlsplit(cloudformation.meta.endpoint_url).hostname or ""
    is_local = not host.endswith(_AWS_HOSTS)
    # In an account the variable may belong to another deployment than the one under check.
    local_url = os.environ.get("AWS_ENDPOINT_URL_REKOGNITION") if is_local else None
    url = options.api_url or local_url or outputs["ApiUrl"]
    keys = None
    if outputs["Auth"] == "keys":
        keys = KeyStore.of(account.dynamodb_resource(), account.kms(), outputs)
    return Context(
        account=account,
        stack=options.stack,
        outputs=outputs,
        endpoint=Endpoint(
            account.http(url, _TIMEOUT_SECONDS), url, cloudformation.meta.region_name
        ),
        run=cleanup.new_name(),
        photo=_photo(options.photo),
        is_local=is_local,
        keys=keys,
        patience=options.wait,
    )


def _photo(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        photo = path.read_bytes()
    except OSError as error:
        raise CommandError(f"The photo cannot be read: {error}") from error
    if len(photo) > _MOST_PHOTO_BYTES:
        raise CommandError(f"{path} is too large for one call: choose a photo of 4 MB at most.")
    return photo


def _about(context: Context) -> dict[str, Any]:
    began = datetime.fromtimestamp(int(context.began), UTC)
    return {
        "Version": version("semblance"),
        "Began": began.isoformat().replace("+00:00", "Z"),
        "Seconds": round(time.time() - context.began, 1),
        "Region": context.endpoint.region,
        "Auth": context.auth,
        "ApiKind": context.kind,
        "ModelPack": context.outputs.get("ModelPack", ""),
        "LocalCloud": context.is_local,
        "WithPhoto": context.photo is not None,
    }
