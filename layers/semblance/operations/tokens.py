"""ClientRequestToken: the same request again is answered as the first time and does nothing."""

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
    """The actions that one request commits with its effect, so that its reply can be repeated.
    None, for a request without a token."""

    begun: frozenset[str]
    """Ids that an earlier try settled in a transaction that was not its last."""
    done: Callable[[dict[str, Any]], list[Action]]
    """To be committed with the last transaction: takes the reply."""
    begin: Callable[[Iterable[str]], list[Action]]
    """To be committed with an earlier one: takes the ids settled so far, for a later try."""


def idempotent(
    service: Service,
    collection: Collection,
    operation: str,
    request: Mapping[str, Any],
    work: Callable[[Record], dict[str, Any]],
) -> dict[str, Any]:
    """The reply of `work`, or the stored one of an earlier call with the same token.

    `work` runs again, reading anew, when another call has changed what it read.
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
    tokens, which = service.tokens, (collection.uid, token, digest)
    found = tokens.find(*which)
    record = Record(
        found.begun if found else frozenset(),
        done=lambda reply: [tokens.done(*which, reply)],
        begin=lambda settled: [tokens.begun(*which, settled)],
    )
    return found and found.reply, record


def _digest(operation: str, request: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps([operation, request], sort_keys=True).encode()).hexdigest()
