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
"""The change among the actions was stamped before the first try, and readers look back 60 s for
it: no try starts later than this, and one takes 30 s at the most (`functions.runtime.clients`)."""


class Conflict(Exception):  # noqa: N818  (an outcome that callers plan for)
    """A condition did not hold: what the caller had read is no longer so."""


def commit(client: DynamoDBClient, actions: list[dict[str, Any]]) -> None:
    """Raises Conflict, or ThrottlingException when others kept touching the same items.

    botocore gives the call a token of its own, so that a retry after a lost reply is not a
    second transaction.
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
            if not reasons <= _PASSING:
                raise
            pause(attempt, first_seconds=_FIRST_PAUSE_SECONDS)
        else:
            return
    raise errors.ThrottlingException


_PASSING = {"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
