"""Access keys in DynamoDB: few items in one partition, all read at once."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from semblance.access.access_key import AccessKey
from semblance.contract import schema
from semblance.stores.reading import query
from semblance.stores.transaction import Conflict

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table


class AccessKeyTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def all(self) -> Iterator[AccessKey]:
        partition = schema.access_keys_partition()
        for item in query(
            self._table, KeyConditionExpression=Key(schema.PARTITION_KEY).eq(partition)
        ):
            yield _from_item(item)

    def add(self, key: AccessKey) -> None:
        self._table.put_item(
            Item=_to_item(key), ConditionExpression=Attr(schema.PARTITION_KEY).not_exists()
        )

    def rotate(self, key: AccessKey, secret: bytes, *, previous_until: float) -> None:
        """The old secret works until `previous_until`, epoch seconds.

        Raises Conflict when the key is gone or another rotation came first.
        """
        self._update(
            key.id,
            Attr("secret").eq(key.secret),
            "SET secret = :secret, previous = :previous, previous_until = :until",
            {
                ":secret": secret,
                ":previous": key.secret,
                ":until": _number(previous_until),
            },
        )

    def set_disabled(self, access_key_id: str, *, disabled: bool) -> None:
        """Raises Conflict when the key is gone."""
        exists = Attr(schema.PARTITION_KEY).exists()
        self._update(access_key_id, exists, "SET disabled = :disabled", {":disabled": disabled})

    def delete(self, access_key_id: str) -> None:
        self._table.delete_item(Key=schema.access_key_key(access_key_id))

    def _update(
        self, access_key_id: str, condition: Any, expression: str, values: dict[str, Any]
    ) -> None:
        try:
            self._table.update_item(
                Key=schema.access_key_key(access_key_id),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        except self._table.meta.client.exceptions.ConditionalCheckFailedException as exc:
            raise Conflict from exc


def _to_item(key: AccessKey) -> dict[str, Any]:
    item = schema.access_key_key(key.id) | {
        "name": key.name,
        "operations": list(key.operations),
        "collections": list(key.collections),
        "images": list(key.images),
        "created_at": _number(key.created_at),
        "disabled": key.disabled,
        "secret": key.secret,
    }
    # Not `expires_at`, at which DynamoDB deletes an item: an expired key is still listed.
    return item if key.valid_until is None else item | {"valid_until": _number(key.valid_until)}


def _from_item(item: dict[str, Any]) -> AccessKey:
    return AccessKey(
        id=item[schema.SORT_KEY],
        name=item["name"],
        operations=tuple(item["operations"]),
        collections=tuple(item["collections"]),
        images=tuple(item["images"]),
        created_at=float(item["created_at"]),
        valid_until=_optional(item.get("valid_until")),
        disabled=item["disabled"],
        secret=bytes(item["secret"]),
        previous=bytes(item["previous"]) if "previous" in item else None,
        previous_until=_optional(item.get("previous_until")),
    )


def _number(seconds: float) -> Decimal:
    return Decimal(str(seconds))


def _optional(seconds: Decimal | None) -> float | None:
    return None if seconds is None else float(seconds)
