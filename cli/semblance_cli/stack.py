"""The deployed stack that a command works on: its options, its outputs, the clients for it.

AWS clients are made here and nowhere else in the command.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from semblance_cli.problems import CommandError, code_of
from semblance_cli.usage import filled

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.credentials import ReadOnlyCredentials
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.service_resource import DynamoDBServiceResource
    from types_boto3_kms import KMSClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient
    from types_boto3_sts import STSClient

DEFAULT = "Semblance"


class Account:
    """The AWS account and region that the options name."""

    def __init__(self, profile: str | None = None, region: str | None = None) -> None:
        self._session = boto3.Session(profile_name=profile, region_name=region)

    @property
    def access_key_id(self) -> str | None:
        credentials = self._session.get_credentials()
        return credentials.access_key if credentials else None

    @property
    def region(self) -> str | None:
        return self._session.region_name

    def credentials(self) -> ReadOnlyCredentials | None:
        """The caller's own, for a request that no client of boto3 sends."""
        found = self._session.get_credentials()
        return found.get_frozen_credentials() if found else None

    def http(self, url: str, timeout_seconds: int) -> URLLib3Session:
        """Sends such requests to `url`, with the certificates and proxies that clients of boto3
        use."""
        bundle = os.environ.get("AWS_CA_BUNDLE") or self._session._session.get_config_variable(
            "ca_bundle"
        )
        # The stub has verify as a bool alone; it may name a bundle of certificates.
        verify: Any = bundle or True
        proxies = get_environ_proxies(url)
        return URLLib3Session(verify=verify, timeout=timeout_seconds, proxies=proxies)

    def client(self, service: str, config: Config | None = None) -> Any:
        """Of a service that only one command asks."""
        create: Callable[..., Any] = self._session.client
        return create(service, config=config)

    def cloudformation(self) -> CloudFormationClient:
        return self._session.client("cloudformation")

    def dynamodb(self) -> DynamoDBClient:
        return self._session.client("dynamodb")

    def dynamodb_resource(self) -> DynamoDBServiceResource:
        return self._session.resource("dynamodb")

    def functions(self, config: Config) -> LambdaClient:
        return self._session.client("lambda", config=config)

    def kms(self) -> KMSClient:
        return self._session.client("kms")

    def rekognition(self, endpoint_url: str, config: Config, **key: str) -> RekognitionClient:
        """`key` is an access key to use in place of the account's."""
        options: dict[str, Any] = {"endpoint_url": endpoint_url, "config": config, **key}
        return self._session.client("rekognition", **options)

    def s3(self, config: Config | None = None) -> S3Client:
        return self._session.client("s3", config=config)

    def sqs(self) -> SQSClient:
        return self._session.client("sqs")

    def sts(self) -> STSClient:
        return self._session.client("sts")


def add_options(
    parser: argparse.ArgumentParser, about: str | None = None, *, default: str | None = DEFAULT
) -> argparse._ArgumentGroup:
    """The group of them, for a command that has more ways to name its deployment."""
    group = parser.add_argument_group("which deployment", about and filled(about))
    add_stack_option(group, default=default)
    group.add_argument("--region", help="the AWS region")
    group.add_argument("--profile", help="the profile of your AWS configuration")
    return group


def add_stack_option(parser: argparse._ActionsContainer, *, default: str | None = DEFAULT) -> None:
    parser.add_argument(
        "--stack", default=default, help=f"the CloudFormation stack (default: {DEFAULT})"
    )


def account(options: argparse.Namespace) -> Account:
    return Account(options.profile, options.region)


def outputs(
    cloudformation: CloudFormationClient, name: str, needed: Iterable[str] = (), instead: str = ""
) -> dict[str, str]:
    """Raises CommandError without all that are `needed`. `instead` names options that would do."""
    found = _outputs(cloudformation, name, f", or {instead}" if instead else "")
    missing = set(needed) - found.keys()
    if missing:
        raise CommandError(
            f"The stack {name} has no output {', '.join(sorted(missing))}: is it Semblance's, and "
            "is its deployment complete?"
        )
    return found


def _outputs(cloudformation: CloudFormationClient, name: str, instead: str) -> dict[str, str]:
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if code_of(error) == "ValidationError":
            raise CommandError(
                f"There is no stack {name} in {cloudformation.meta.region_name}: choose another "
                f"with --stack or AWS_REGION{instead}. For the local cloud: source .local/env"
            ) from error
        if code_of(error).startswith("AccessDenied"):
            raise CommandError(
                f"You may not read the outputs of the stack {name}: ask for "
                f"cloudformation:DescribeStacks{instead}. ({error})"
            ) from error
        raise
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}
