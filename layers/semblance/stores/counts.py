"""Exact numbers of a collection's faces and users, counted in DynamoDB item by item."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from semblance.contract import schema
from semblance.stores.reading import READS_AT_ONCE

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table


class Counts:
    """Each count reads the whole collection, strongly consistent; only numbers cross the wire."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def faces(self, uid: str) -> int:
        partitions = [schema.faces_partition(uid, shard) for shard in schema.SHARDS]
        with ThreadPoolExecutor(READS_AT_ONCE) as pool:
            return sum(pool.map(self._living, partitions))

    def users(self, uid: str) -> int:
        return self._living(schema.users_partition(uid))

    def _living(self, partition: str) -> int:
        """Items without a lifetime: a deleted face or user leaves its key, with one."""
        ask = partial(
            self._table.query,
            KeyConditionExpression=Key(schema.PARTITION_KEY).eq(partition),
            FilterExpression=Attr(schema.EXPIRES_AT).not_exists(),
            ConsistentRead=True,
            Select="COUNT",
        )
        count, start = 0, dict[str, Any]()
        while True:
            reply = ask(**start)
            count += reply["Count"]
            if "LastEvaluatedKey" not in reply:
                return count
            start = {"ExclusiveStartKey": reply["LastEvaluatedKey"]}
