"""ClientRequestToken: the same request again is answered as the first time and does nothing."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from semblance import errors
from semblance.model import Collection
from semblance.service import Service
from semblance.stores.transaction import Conflict

_TRIES = 6

Record = Callable[[dict[str, Any]], list[dict[str, Any]]]
"""A reply to what has to be committed with the effect, so that it can be given again."""


def once(
    service: Service,
    collection: Collection,
    operation: str,
    request: dict[str, Any],
    work: Callable[[Record], dict[str, Any]],
) -> dict[str, Any]:
    """Runs `work`, from its reading on again when others were quicker to write."""
    token = request.get("ClientRequestToken")
    digest = _digest(operation, request)

    def record(reply: dict[str, Any]) -> list[dict[str, Any]]:
        if token is None:
            return []
        return [service.tokens.action(collection.uid, token, digest, reply)]

    for _ in range(_TRIES):
        if token is not None:
            reply = service.tokens.reply(collection.uid, token, digest)
            if reply is not None:
                return reply
        try:
            return work(record)
        except Conflict:
            continue
    raise errors.ConflictException("Others keep changing the same user or faces: try again")


def _digest(operation: str, request: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps([operation, request], sort_keys=True).encode()).hexdigest()
