"""How far maintenance has got with each collection, in DynamoDB: the next visit starts there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from boto3.dynamodb.conditions import Key

from semblance.contract import schema
from semblance.stores.reading import query

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table


class LastVisit(NamedTuple):
    """Times are epoch milliseconds; 0 means never."""

    tried_ms: int = 0
    """When a visit last began, however it ended."""
    scrubbed_ms: int = 0
    """Removals before this time have been scrubbed out of the changes before this time."""
    changed_ms: int = 0
    """The newest change that a visit has seen."""
    counted_ms: int = 0
    """The counts were right for all changes before this time."""
    retired_ms: int = 0
    """When the faces past the collection's retention were last erased ..."""
    retired_days: int = 0
    """... and the retention that applied, in days."""
    snapshot_ms: int = 0
    """The watermark of the collection's snapshot. Readers take no other: a table restored to an
    earlier time does not name the snapshots that were written since."""


class VisitTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def all(self) -> dict[str, LastVisit]:
        """By the collections' uids."""
        partition = Key(schema.PARTITION_KEY).eq(schema.compactions_partition())
        found = query(self._table, KeyConditionExpression=partition)
        return {item[schema.SORT_KEY]: _from_item(item) for item in found}

    def of(self, uid: str) -> LastVisit:
        """Strongly consistent."""
        reply = self._table.get_item(Key=schema.compaction_key(uid), ConsistentRead=True)
        return _from_item(reply.get("Item", {}))

    def note(self, uid: str, **facts: int) -> None:
        """Stores fields of a LastVisit. Two visits at once may both do so: each states facts."""
        assignments = ", ".join(f"{name} = :{name}" for name in facts)
        self._table.update_item(
            Key=schema.compaction_key(uid),
            UpdateExpression=f"SET {assignments}",
            ExpressionAttributeValues={f":{name}": value for name, value in facts.items()},
        )


def _from_item(item: Mapping[str, Any]) -> LastVisit:
    return LastVisit(**{name: int(item[name]) for name in LastVisit._fields if name in item})
