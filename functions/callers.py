"""Who calls: read from the event of API Gateway, in the way that the deployment's `auth` says."""

from collections.abc import Callable
from typing import Any

from semblance.caller import Caller

Identify = Callable[[dict[str, Any]], Caller]
"""Raises an error of `semblance.errors` when the request is not from anybody who may call."""


def told_by_the_gateway(event: dict[str, Any]) -> Caller:
    """With `auth=iam` it has checked the signature and the permission, and says whose they are;
    with `auth=none` it says nothing."""
    identity = event["requestContext"].get("identity") or {}
    return Caller(arn=identity.get("userArn"))
