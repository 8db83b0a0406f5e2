"""Runs a handler on a recorded event in this process: `python -m tools.local.invoke events/x.json`.

Against the deployment that the environment points to (`source .local/env`), with the settings of
its function. What a debugger needs: the code of this checkout, and everything else as deployed.
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

from tools import stack
from tools.local.cloud import CHECKOUT, MODELS
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
            _make_it_about(event, outputs["InputBucket"], options.photo)
        console.print_json(json.dumps(_run(name, settings, event)))
    except (stack.NoStackError, BotoCoreError, ClientError, OSError) as problem:
        complain(problem)
        return 1
    return 0


def _function_for(event: dict[str, Any]) -> str:
    """The output of the stack that names it."""
    if "Records" in event:
        return "WorkerFunction"
    return "ApiFunction" if "requestContext" in event else "CompactorFunction"


def fitted(text: str, **place: str) -> dict[str, Any]:
    """The recorded event as it would be in this bucket, region and account."""
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


def _make_it_about(event: dict[str, Any], bucket: str, photo: Path | None) -> None:
    """The version that is there, in place of the recorded one; with `photo` this is put first."""
    s3 = boto3.client("s3")
    for record in event["Records"]:
        body = json.loads(record["body"])
        for entry in body.get("Records", ()):
            found = entry["s3"]["object"]
            place = {"Bucket": bucket, "Key": unquote_plus(found["key"])}
            if photo is not None:
                s3.put_object(**place, Body=photo.read_bytes())
            there = s3.head_object(**place)
            found |= {"versionId": there["VersionId"], "eTag": there["ETag"].strip('"')}
            # The lowest there is: a result that the deployed worker has written stays.
            found["sequencer"] = ""
        record["body"] = json.dumps(body)


def _run(name: str, settings: dict[str, str], event: dict[str, Any]) -> Any:
    # So that a photo that the deployed worker has done already is worked on here as well.
    again = {"POWERTOOLS_IDEMPOTENCY_DISABLED": "true", "POWERTOOLS_DEV": "true"}
    # No signature of a recorded request is good any more; who is here may read the table anyway.
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
    parser.add_argument("event", type=Path, help="one of events/, or another of that kind")
    parser.add_argument(
        "--photo",
        type=Path,
        metavar="FILE",
        help="put there first, under the key of an event of S3",
    )
    stack.add_option(parser)
    return parser


if __name__ == "__main__":
    sys.path.insert(0, str(CHECKOUT))
    sys.exit(main())
