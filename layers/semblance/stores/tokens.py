"""Client request tokens in DynamoDB: a repeated call is answered with the first one's reply."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from semblance import errors, schema

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table


class TokenTable:
    def __init__(self, table: Table, clock: Callable[[], float]) -> None:
        self._table = table
        self._clock = clock

    def reply(self, uid: str, token: str, request_digest: str) -> dict[str, Any] | None:
        """What the same request was answered; None when the token is new."""
        key = schema.token_key(uid, token)
        item = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
        if item is None or int(item[schema.EXPIRES_AT]) <= self._clock():  # type: ignore[arg-type]
            return None
        if item["request"] != request_digest:
            raise errors.IdempotentParameterMismatchException(
                f"The ClientRequestToken: {token} you have supplied is already in use."
            )
        reply: dict[str, Any] = json.loads(str(item["reply"]))
        return reply

    def action(
        self, uid: str, token: str, request_digest: str, reply: dict[str, Any]
    ) -> dict[str, Any]:
        """To be committed with what the request does, so that neither is without the other."""
        now = int(self._clock())
        item = schema.token_key(uid, token) | {
            "request": request_digest,
            "reply": json.dumps(reply),
            schema.EXPIRES_AT: now + schema.TOKENS_KEPT_SECONDS,
        }
        return {
            "Put": {
                "TableName": self._table.name,
                "Item": item,
                "ConditionExpression": f"attribute_not_exists({schema.PARTITION_KEY}) "
                f"OR {schema.EXPIRES_AT} <= :now",
                "ExpressionAttributeValues": {":now": now},
            }
        }
