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
    """How far the request with this token has got."""

    reply: dict[str, Any] | None
    """None until the request is done."""
    begun: frozenset[str]
    """Ids that the first transactions of a request have settled, when it takes several."""


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

    def mentions(self, uid: str, ids: Collection[str]) -> tuple[int, int]:
        """How many records there are, and how many of them hold one of these ids."""
        items = list(self._all(uid))
        return len(items), sum(_mentions(item, ids) for item in items)

    def forget(self, uid: str, ids: Collection[str]) -> int:
        """Deletes the records that hold one of these ids and returns their number. The same call,
        made again, is then a new one."""
        found = [item for item in self._all(uid) if _mentions(item, ids)]
        for item in found:
            self._table.delete_item(Key=schema.token_key(uid, item[schema.SORT_KEY]))
        return len(found)

    def _all(self, uid: str) -> Iterator[Item]:
        partition = Key(schema.PARTITION_KEY).eq(schema.tokens_partition(uid))
        return query(self._table, KeyConditionExpression=partition)

    def done(
        self, uid: str, token: str, request_digest: str, reply: dict[str, Any]
    ) -> dict[str, Any]:
        """The action that stores the reply. Commit it with the request's effect, so that neither
        exists without the other."""
        return self._put(uid, token, request_digest, {"reply": json.dumps(reply)})

    def begun(
        self, uid: str, token: str, request_digest: str, settled: Iterable[str]
    ) -> dict[str, Any]:
        """The same for the ids settled so far, when one transaction has no room for all."""
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


def _mentions(item: Item, ids: Collection[str]) -> bool:
    """Searches the JSON as text: ids have only characters that JSON does not escape."""
    stored = f"{item.get('reply')} {item.get('begun')}"
    return any(f'"{id_}"' in stored for id_ in ids)
