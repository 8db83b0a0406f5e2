"""Reads the choices that a deployed stack keeps, with the credentials of the environment.

A CDK app gets the account and the region from the CDK CLI, but no credentials: boto3 finds those of
the environment. A profile that only the option `--profile` names is unknown here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types_boto3_cloudformation.type_defs import StackTypeDef

OUTPUT = "Choices"

_QUICK = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
"""A deployment must not wait for this."""


class UnknownError(Exception):
    """The deployed stack cannot be asked; the message gives the reason."""


def record(stack: str, account: str, region: str) -> str | None:
    """The record that Choices.record wrote. None if there is no such stack. Raises UnknownError."""
    try:
        found = _described(stack, region)
        reached = found["StackId"].split(":")[4] if found else _own_account(region)
    except (BotoCoreError, ClientError) as exc:
        raise UnknownError(str(exc)) from exc
    if reached != account:
        raise UnknownError(
            f"the environment has credentials for the account {reached}, but the CDK uses "
            f"{account}: set AWS_PROFILE instead of --profile"
        )
    if found is None:
        return None
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
    if not outputs:  # its first deployment has failed or goes on
        return None
    if OUTPUT not in outputs:
        raise UnknownError("an earlier version deployed it, which kept no record of its choices")
    return outputs[OUTPUT]


def _described(stack: str, region: str) -> StackTypeDef | None:
    client = boto3.client("cloudformation", region_name=region, config=_QUICK)
    try:
        (found,) = client.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as exc:
        if "does not exist" in exc.response["Error"]["Message"]:
            return None
        raise
    return found


def _own_account(region: str) -> str:
    client = boto3.client("sts", region_name=region, config=_QUICK)
    return client.get_caller_identity()["Account"]
