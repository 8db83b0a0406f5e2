"""The deployed stack, in an account or the local cloud: its outputs, found by its name."""

import argparse
from typing import Any

from botocore.exceptions import ClientError

DEFAULT = "Semblance"


class NoStackError(Exception):
    """The message is for the operator."""


def add_option(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--stack", default=DEFAULT, help="the CloudFormation stack (default: %(default)s)"
    )


def outputs(cloudformation: Any, name: str) -> dict[str, str]:
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ValidationError":
            raise
        raise NoStackError(
            f"There is no stack {name} in {cloudformation.meta.region_name}: name another with "
            "--stack or AWS_REGION; for the local cloud, source .local/env"
        ) from exc
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}
