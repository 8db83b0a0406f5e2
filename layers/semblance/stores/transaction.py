"""One DynamoDB transaction: all of its actions take effect, or none does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from semblance import errors
from semblance.stores.backoff import pause

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

MOST_ACTIONS = 100
_TRIES = 5
_FIRST_PAUSE_SECONDS = 0.02
_LAST_TRY_SECONDS = 20
"""No try starts later than this, and one takes 30 s at the most (`functions.runtime.clients`): the
change among the actions was stamped before the first try, and readers look back 60 s for it."""
_TRANSIENT = {"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class Conflict(Exception):  # noqa: N818  (an outcome that callers plan for)
    """A condition did not hold: an item has changed since the caller read it."""


def commit(client: DynamoDBClient, actions: list[dict[str, Any]]) -> None:
    """Raises Conflict, or ThrottlingException when other calls kept writing the same items.

    botocore adds a token to the call, so that a retry after a lost reply is no second transaction.
    """
    started = time.monotonic()
    for attempt in range(_TRIES):
        if time.monotonic() - started > _LAST_TRY_SECONDS:
            break
        try:
            client.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
        except client.exceptions.TransactionCanceledException as exc:
            reasons = {reason.get("Code") for reason in exc.response["CancellationReasons"]}
            if "ConditionalCheckFailed" in reasons:
                raise Conflict from exc
            if not reasons <= _TRANSIENT:
                raise
            pause(attempt, first_seconds=_FIRST_PAUSE_SECONDS)
        else:
            return
    raise errors.ThrottlingException
