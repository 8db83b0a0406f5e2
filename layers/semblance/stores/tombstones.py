"""Tombstones of deleted collections, kept until everything under their uid is erased."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from boto3.dynamodb.conditions import Key

from semblance.contract import schema
from semblance.stores.reading import query

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

    from semblance.stores.deleting import Deleter


class Tombstone(NamedTuple):
    uid: str
    deleted_at: float


class Tombstones:
    def __init__(self, table: Table, deleter: Deleter) -> None:
        self._table = table
        self._deleter = deleter

    def pending(self) -> Iterator[Tombstone]:
        partition = Key(schema.PARTITION_KEY).eq(schema.erasures_partition())
        for item in query(self._table, KeyConditionExpression=partition):
            yield Tombstone(item[schema.SORT_KEY], float(item["deleted_at"]))

    def sweep(self, uid: str, *, go_on: Callable[[], bool]) -> bool:
        """Deletes every item under the uid while `go_on()` holds. True when nothing is left."""
        faces = [schema.faces_partition(uid, shard) for shard in schema.SHARDS]
        others = [schema.changes_partition, schema.users_partition, schema.tokens_partition]
        swept = self._deleter.partitions(
            [*faces, *(partition(uid) for partition in others)], go_on=go_on
        )
        if swept:
            self._deleter.items([schema.compaction_key(uid)])
        return swept

    def close(self, uid: str) -> None:
        """Deletes the tombstone: nothing is left, and no call can still write under the uid."""
        self._table.delete_item(Key=schema.erasure_key(uid))
