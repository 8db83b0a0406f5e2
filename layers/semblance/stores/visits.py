"""What maintenance has done for each collection, in DynamoDB: where the next visit goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from boto3.dynamodb.conditions import Key

from semblance.contract import schema
from semblance.stores.reading import query

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table


class LastVisit(NamedTuple):
    """Times are epoch milliseconds, 0 when it has not been."""

    tried_ms: int = 0
    """When a compactor last began with the collection, however that ended."""
    scrubbed_ms: int = 0
    """Changes of before that time have been scrubbed of what was removed before it."""
    changed_ms: int = 0
    """The newest change that a compactor has seen."""
    counted_ms: int = 0
    """The counts held for all changes of before that time."""
    retired_ms: int = 0
    """When the faces older than the collection keeps them were last erased ..."""
    retired_days: int = 0
    """... and how many days that were."""


class VisitTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def all(self) -> dict[str, LastVisit]:
        """By the collections' uids."""
        ours = Key(schema.PARTITION_KEY).eq(schema.compactions_partition())
        return {
            item[schema.SORT_KEY]: LastVisit(
                **{n: int(item[n]) for n in LastVisit._fields if n in item}
            )
            for item in query(self._table, KeyConditionExpression=ours)
        }

    def note(self, uid: str, **facts: int) -> None:
        """Two compactors may both note: what each of them says is true."""
        assignments = ", ".join(f"{name} = :{name}" for name in facts)
        self._table.update_item(
            Key=schema.compaction_key(uid),
            UpdateExpression=f"SET {assignments}",
            ExpressionAttributeValues={f":{name}": value for name, value in facts.items()},
        )
