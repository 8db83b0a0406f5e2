"""The deployment that a command works on: its buckets and its API, from options, environment or
the outputs of its stack, and never Amazon's own Rekognition."""

import argparse
import os
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from semblance.access.access_key import is_id
from semblance.client import sign_for_api_gateway
from tools import stack
from tools.commands.problems import CommandError, code_of

# Option, environment variable, stack output.
_PLACES = {
    "input_bucket": ("SEMBLANCE_INPUT_BUCKET", "InputBucket"),
    "results_bucket": ("SEMBLANCE_RESULTS_BUCKET", "ResultsBucket"),
    "api_url": ("AWS_ENDPOINT_URL_REKOGNITION", "ApiUrl"),
}

# For the API alone; photos are sent to S3 with AWS credentials in any case.
_OWN_KEY = {
    "aws_access_key_id": "SEMBLANCE_ACCESS_KEY_ID",
    "aws_secret_access_key": "SEMBLANCE_SECRET_ACCESS_KEY",
}


@dataclass(frozen=True, slots=True)
class Deployment:
    input_bucket: str
    results_bucket: str
    s3: Any
    rekognition: Any


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "which deployment",
        "Without these: the environment that `source .local/env` sets "
        f"({', '.join(variable for variable, _ in _PLACES.values())}), else the stack "
        f"{stack.DEFAULT}. --stack goes before the environment.",
    )
    group.add_argument("--stack", help=f"the CloudFormation stack (default {stack.DEFAULT})")
    group.add_argument("--input-bucket", metavar="BUCKET", help="where photos are dropped")
    group.add_argument("--results-bucket", metavar="BUCKET", help="where results appear")
    group.add_argument("--api-url", metavar="URL", help="the stack's output ApiUrl")
    group.add_argument("--region", help="the AWS region")
    group.add_argument("--profile", help="the profile of the AWS configuration")


def find(options: argparse.Namespace, *, connections: int) -> Deployment:
    session = boto3.Session(profile_name=options.profile, region_name=options.region)
    places = {name: getattr(options, name) for name in _PLACES}
    if options.stack is None:
        places |= {
            name: given or os.environ.get(_PLACES[name][0]) for name, given in places.items()
        }
    if not all(places.values()):
        outputs = _outputs(session, options.stack or stack.DEFAULT)
        places |= {name: given or outputs[_PLACES[name][1]] for name, given in places.items()}
    config = Config(
        max_pool_connections=connections, retries={"mode": "standard", "total_max_attempts": 5}
    )
    return Deployment(
        input_bucket=str(places["input_bucket"]),
        results_bucket=str(places["results_bucket"]),
        s3=session.client("s3", config=config),
        rekognition=_rekognition(session, endpoint_url=places["api_url"], config=config),
    )


def _rekognition(session: boto3.Session, **options: Any) -> Any:
    """Signed with a key of the service's own, if there is one, and else for API Gateway."""
    own = {
        name: os.environ[variable] for name, variable in _OWN_KEY.items() if variable in os.environ
    }
    client = session.client("rekognition", **options, **own)
    credentials = session.get_credentials()
    if own or (credentials and is_id(credentials.access_key)):
        return client
    return sign_for_api_gateway(client)


def _outputs(session: boto3.Session, name: str) -> dict[str, str]:
    instead = "or give --input-bucket, --results-bucket and --api-url"
    try:
        outputs = stack.outputs(session.client("cloudformation"), name)
    except stack.NoStackError as error:
        raise CommandError(f"{error}; {instead}") from error
    except ClientError as error:
        if not code_of(error).startswith("AccessDenied"):
            raise
        raise CommandError(
            f"The outputs of the stack {name} may not be read (cloudformation:DescribeStacks): "
            f"ask for that, {instead}"
        ) from error
    missing = {output for _, output in _PLACES.values()} - outputs.keys()
    if missing:
        raise CommandError(
            f"The stack {name} has no output {', '.join(sorted(missing))}: is it Semblance's, and "
            "is its deployment complete?"
        )
    return outputs
