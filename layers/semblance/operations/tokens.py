"""ClientRequestToken: the same request again is answered as the first time and does nothing."""

import hashlib
import json
from collections.abc import Callable, Iterable
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
    """Of one request: what has to be committed with its effect, so that its reply can be given
    again. Nothing, when it came without a token."""

    begun: frozenset[str]
    """What an earlier try has settled, that got no further than its first transaction."""
    done: Callable[[dict[str, Any]], list[Action]]
    """With the last transaction: the reply."""
    begin: Callable[[Iterable[str]], list[Action]]
    """With one before it: what is settled by then of the reply, for the next try to keep to."""


def once(
    service: Service,
    collection: Collection,
    operation: str,
    request: dict[str, Any],
    work: Callable[[Record], dict[str, Any]],
) -> dict[str, Any]:
    """Runs `work`, from its reading on again when others were quicker to write."""
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
    service: Service, collection: Collection, digest: str, request: dict[str, Any]
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


def _digest(operation: str, request: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps([operation, request], sort_keys=True).encode()).hexdigest()
