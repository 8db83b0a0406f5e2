"""ClientRequestToken: a repeated request gets the first one's reply and changes nothing."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from semblance import errors
from semblance.model.gallery import Collection
from semblance.service import Service
from semblance.stores.transaction import Conflict

_TRIES = 6

Action = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """Makes the actions that a request commits with its effect, so that its reply can be repeated.
    For a request without a token there are none."""

    begun: frozenset[str]
    """Ids that an earlier try of the request settled before it broke off."""
    done: Callable[[dict[str, Any]], list[Action]]
    """From the reply to the actions for the last transaction."""
    begin: Callable[[Iterable[str]], list[Action]]
    """From the ids settled so far to the actions for an earlier transaction."""


def idempotent(
    service: Service,
    collection: Collection,
    operation: str,
    request: Mapping[str, Any],
    work: Callable[[Record], dict[str, Any]],
) -> dict[str, Any]:
    """The reply of `work`, or the stored one of an earlier call with the same token.

    `work` runs again, and must read anew, when another call has changed an item that it read.
    """
    for _ in range(_TRIES):
        known, record = _known(service, collection, _digest(operation, request), request)
        if known is not None:
            return known
        try:
            return work(record)
        except Conflict:
            continue
    raise errors.ConflictException("Others keep changing the same user or faces: try again")


def _known(
    service: Service, collection: Collection, digest: str, request: Mapping[str, Any]
) -> tuple[dict[str, Any] | None, Record]:
    token = request.get("ClientRequestToken")
    if token is None:
        return None, Record(frozenset(), done=lambda _: [], begin=lambda _: [])
    tokens, identity = service.tokens, (collection.uid, token, digest)
    found = tokens.find(*identity)
    record = Record(
        found.begun if found else frozenset(),
        done=lambda reply: [tokens.done(*identity, reply)],
        begin=lambda settled: [tokens.begun(*identity, settled)],
    )
    return found and found.reply, record


def _digest(operation: str, request: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps([operation, request], sort_keys=True).encode()).hexdigest()
