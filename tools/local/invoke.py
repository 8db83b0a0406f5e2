"""Runs a handler on a recorded event in this process, so that you can debug it.

`source .local/env` and then `python -m tools.local.invoke events/x.json`. The code is that of this
checkout. Data and settings are those of the deployment that the environment points to.
"""

import argparse
import importlib
import json
import os
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote_plus

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from semblance_cli import stack
from semblance_cli.problems import CommandError
from tools.checkout import MODELS
from tools.terminal import complain, console

RECORDED = {"bucket": "input-bucket", "region": "us-east-1", "account": "000000000000"}
_SECONDS = 900


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        outputs = stack.outputs(boto3.client("cloudformation"), options.stack)
        text = options.event.read_text(encoding="utf-8")
        name = _function_for(json.loads(text))
        settings = _settings(outputs[name])
        event = fitted(
            text,
            bucket=outputs["InputBucket"],
            region=settings["SEMBLANCE_REGION"],
            account=settings["SEMBLANCE_ACCOUNT_ID"],
        )
        if name == "WorkerFunction":
            _point_to_stored_photos(event, outputs["InputBucket"], options.photo)
        console.print_json(json.dumps(_run(name, settings, event)))
    except (CommandError, BotoCoreError, ClientError, OSError) as problem:
        complain(problem)
        return 1
    return 0


def _function_for(event: dict[str, Any]) -> str:
    """The stack output that names the function for this kind of event."""
    if "Records" in event:
        return "WorkerFunction"
    return "ApiFunction" if "requestContext" in event else "CompactorFunction"


def fitted(text: str, **place: str) -> dict[str, Any]:
    """The recorded event, moved to this bucket, region and account."""
    for name, recorded in RECORDED.items():
        text = text.replace(recorded, place[name])
    event: dict[str, Any] = json.loads(text)
    return event


def _settings(function: str) -> dict[str, str]:
    reply = boto3.client("lambda").get_function_configuration(FunctionName=function)
    settings: dict[str, str] = dict(reply["Environment"]["Variables"])
    if not Path(settings["SEMBLANCE_MODELS_DIR"]).is_dir():
        settings["SEMBLANCE_MODELS_DIR"] = str(MODELS)
    return settings


def _point_to_stored_photos(event: dict[str, Any], bucket: str, photo: Path | None) -> None:
    """Replace the recorded versions by those in the bucket, after uploading `photo`, if any."""
    s3 = boto3.client("s3")
    for record in event["Records"]:
        body = json.loads(record["body"])
        for entry in body.get("Records", ()):
            found = entry["s3"]["object"]
            key = unquote_plus(found["key"])
            if photo is not None:
                s3.put_object(Bucket=bucket, Key=key, Body=photo.read_bytes())
            stored = s3.head_object(Bucket=bucket, Key=key)
            found |= {"versionId": stored["VersionId"], "eTag": stored["ETag"].strip('"')}
            # The lowest sequencer, so that a result of the deployed worker is not replaced.
            found["sequencer"] = ""
        record["body"] = json.dumps(body)


def _run(name: str, settings: dict[str, str], event: dict[str, Any]) -> Any:
    # Process the photo even if the deployed worker has already done so.
    again = {"POWERTOOLS_IDEMPOTENCY_DISABLED": "true", "POWERTOOLS_DEV": "true"}
    # The signature of a recorded request has expired, and you can read the table anyway.
    unsigned = {"SEMBLANCE_AUTH": "none"}
    os.environ.update(settings | again | unsigned)
    module = name.removesuffix("Function").lower()
    handler = importlib.import_module(f"functions.{module}").handler
    ends = time.monotonic() + _SECONDS
    context = SimpleNamespace(
        function_name=module,
        memory_limit_in_mb=3008,
        invoked_function_arn=f"arn:aws:lambda:::function:{module}",
        aws_request_id=str(uuid.uuid4()),
        get_remaining_time_in_millis=lambda: int((ends - time.monotonic()) * 1000),
    )
    return handler(event, context)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.local.invoke", description=__doc__)
    parser.add_argument("event", type=Path, help="a file of events/, or one like them")
    parser.add_argument(
        "--photo",
        type=Path,
        metavar="FILE",
        help="upload this photo first, under the key in the event",
    )
    stack.add_stack_option(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
