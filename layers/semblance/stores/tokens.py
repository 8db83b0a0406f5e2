"""Client request tokens in DynamoDB: a repeated call is answered with the first one's reply."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from boto3.dynamodb.conditions import Key

from semblance import errors
from semblance.contract import schema
from semblance.stores.reading import Item, query

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table


class Token(NamedTuple):
    """How far the request that came with it has got."""

    reply: dict[str, Any] | None
    """None when it is not done yet."""
    begun: frozenset[str]
    """Of a request that takes several transactions, what the first ones have settled."""


class TokenTable:
    def __init__(self, table: Table, clock: Callable[[], float]) -> None:
        self._table = table
        self._clock = clock

    def find(self, uid: str, token: str, request_digest: str) -> Token | None:
        """None when the token is new."""
        key = schema.token_key(uid, token)
        item = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
        if item is None or int(item[schema.EXPIRES_AT]) <= self._clock():  # type: ignore[arg-type]
            return None
        if item["request"] != request_digest:
            raise errors.IdempotentParameterMismatchException(
                f"The ClientRequestToken: {token} you have supplied is already in use."
            )
        reply = json.loads(str(item["reply"])) if "reply" in item else None
        return Token(reply, frozenset(json.loads(str(item.get("begun", "[]")))))

    def mentions(self, uid: str, names: Collection[str]) -> tuple[int, int]:
        """How many records there are, and how many of them hold one of these ids."""
        items = list(self._all(uid))
        return len(items), sum(_mentions(item, names) for item in items)

    def forget(self, uid: str, names: Collection[str]) -> int:
        """Deletes those that hold one of these ids: such a call, made again, is then a new one.
        How many there were."""
        found = [item for item in self._all(uid) if _mentions(item, names)]
        for item in found:
            self._table.delete_item(Key=schema.token_key(uid, item[schema.SORT_KEY]))
        return len(found)

    def _all(self, uid: str) -> Iterator[Item]:
        ours = Key(schema.PARTITION_KEY).eq(schema.tokens_partition(uid))
        return query(self._table, KeyConditionExpression=ours)

    def done(
        self, uid: str, token: str, request_digest: str, reply: dict[str, Any]
    ) -> dict[str, Any]:
        """To be committed with what the request does, so that neither is without the other."""
        return self._put(uid, token, request_digest, {"reply": json.dumps(reply)})

    def begun(
        self, uid: str, token: str, request_digest: str, settled: Iterable[str]
    ) -> dict[str, Any]:
        """The same with a part of it, when there is more than one transaction has room for."""
        return self._put(uid, token, request_digest, {"begun": json.dumps(list(settled))})

    def _put(
        self, uid: str, token: str, request_digest: str, state: dict[str, str]
    ) -> dict[str, Any]:
        now = int(self._clock())
        item = schema.token_key(uid, token) | {
            "request": request_digest,
            schema.EXPIRES_AT: now + schema.TOKENS_KEPT_SECONDS,
        }
        return {
            "Put": {
                "TableName": self._table.name,
                "Item": item | state,
                "ConditionExpression": f"attribute_not_exists({schema.PARTITION_KEY}) "
                f"OR {schema.EXPIRES_AT} <= :now "
                "OR (#request = :request AND attribute_not_exists(reply))",
                "ExpressionAttributeNames": {"#request": "request"},
                "ExpressionAttributeValues": {":now": now, ":request": request_digest},
            }
        }


def _mentions(item: Item, names: Collection[str]) -> bool:
    """Ids are letters, digits and a few signs that JSON leaves as they are."""
    held = f"{item.get('reply')} {item.get('begun')}"
    return any(f'"{name}"' in held for name in names)
