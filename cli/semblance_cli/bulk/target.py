"""Where the photos go: a deployment's buckets and its API, never Amazon's own Rekognition.

Each is named by its option, else by an environment variable, else by an output of the stack.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.config import Config

from semblance.access.access_key import is_id
from semblance.client import sign_for_api_gateway
from semblance_cli import stack

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_s3 import S3Client

# Environment variable and stack output of each option.
_PLACES = {
    "input_bucket": ("SEMBLANCE_INPUT_BUCKET", "InputBucket"),
    "results_bucket": ("SEMBLANCE_RESULTS_BUCKET", "ResultsBucket"),
    "api_url": ("AWS_ENDPOINT_URL_REKOGNITION", "ApiUrl"),
}

# For the API alone: S3 takes AWS credentials in any case.
_OWN_KEY = {
    "aws_access_key_id": "SEMBLANCE_ACCESS_KEY_ID",
    "aws_secret_access_key": "SEMBLANCE_SECRET_ACCESS_KEY",
}


@dataclass(frozen=True, slots=True)
class Target:
    input_bucket: str
    results_bucket: str
    s3: S3Client
    rekognition: RekognitionClient


def add_options(parser: argparse.ArgumentParser) -> None:
    variables = ", ".join(variable for variable, _ in _PLACES.values())
    group = stack.add_options(
        parser,
        "The buckets and the API are those that you name here, else those of the environment "
        f"({variables}; `source .local/env` sets them), else those of the stack. --stack takes "
        "precedence over the environment.",
        default=None,
    )
    group.add_argument("--input-bucket", metavar="BUCKET", help="where photos are dropped")
    group.add_argument("--results-bucket", metavar="BUCKET", help="where results appear")
    group.add_argument("--api-url", metavar="URL", help="the stack's output ApiUrl")


def find(options: argparse.Namespace, *, connections: int) -> Target:
    account = stack.account(options)
    places = {name: getattr(options, name) for name in _PLACES}
    if options.stack is None:
        places |= {
            name: given or os.environ.get(_PLACES[name][0]) for name, given in places.items()
        }
    if not all(places.values()):
        outputs = stack.outputs(
            account.cloudformation(),
            options.stack or stack.DEFAULT,
            [output for _, output in _PLACES.values()],
            instead="give --input-bucket, --results-bucket and --api-url",
        )
        places |= {name: given or outputs[_PLACES[name][1]] for name, given in places.items()}
    config = Config(
        max_pool_connections=connections, retries={"mode": "standard", "total_max_attempts": 5}
    )
    # An HTTP API throttles with a 429 that has no code, which mode `standard` does not retry.
    patient = config.merge(Config(retries={"mode": "legacy", "total_max_attempts": 5}))
    return Target(
        input_bucket=places["input_bucket"],
        results_bucket=places["results_bucket"],
        s3=account.s3(config),
        rekognition=_rekognition(account, places["api_url"], patient),
    )


def _rekognition(account: stack.Account, url: str, config: Config) -> RekognitionClient:
    """Signs with an access key of the deployment's, if there is one, and else for API Gateway."""
    own = {
        name: os.environ[variable] for name, variable in _OWN_KEY.items() if variable in os.environ
    }
    client = account.rekognition(url, config, **own)
    if own or is_id(account.access_key_id or ""):
        return client
    return sign_for_api_gateway(client)
