"""The table of operations: each name in the contract, with its function in one of the families."""

from collections.abc import Callable
from typing import Any

from botocore import xform_name

from semblance import errors
from semblance.access.caller import Caller
from semblance.contract.operations import NAMES
from semblance.operations import (
    authorisation,
    collections,
    detect,
    faces,
    search,
    search_users,
    tags,
    users,
)
from semblance.protocol import shapes
from semblance.service import Service

Operation = Callable[[Service, Any], dict[str, Any]]
"""Takes its operation's request, as `types_boto3_rekognition` types it, and returns the reply."""

_FAMILIES = (collections, faces, search, detect, users, search_users, tags)


def _function(name: str) -> Operation:
    """Of the operation: it has the name of boto3's method, in one of the families."""
    method = xform_name(name)
    for family in _FAMILIES:
        if hasattr(family, method):
            function: Operation = getattr(family, method)
            return function
    raise LookupError(f"{name} has no function {method} in {__package__}")


OPERATIONS: dict[str, Operation] = {name: _function(name) for name in NAMES}


def call(service: Callable[[], Service], name: str, body: object, caller: Caller) -> dict[str, Any]:
    """Runs one operation: takes the parsed JSON of its request, returns that of its reply.

    `service` is called once the request has proved well-formed.
    """
    run = OPERATIONS.get(name)
    if run is None:
        raise errors.UnknownOperationException(_refusal(name))
    request = shapes.parse_request(name, body)
    for_caller = service().on_behalf_of(caller)
    authorisation.require(for_caller, name, request)
    return shapes.format_reply(name, run(for_caller, request))


def _refusal(name: str) -> str:
    if not shapes.is_operation(name):
        return "X-Amz-Target names no operation of Amazon Rekognition"
    return f"{name} is not supported: Semblance answers {', '.join(OPERATIONS)}"
