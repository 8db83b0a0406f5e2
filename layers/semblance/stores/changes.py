"""The change feed in DynamoDB: faces added to a collection or removed from it, and users changed.

Changes commute (a face id is added once and removed at most once, and removal wins), so a reader
may apply them twice and in any order. A change is written in the transaction of the faces or the
user that it announces.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import ConditionBase, Key

from semblance.contract import schema
from semblance.model.changes import Attributes, Change
from semblance.stores.reading import query

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table


class ChangeFeed:
    def __init__(self, table: Table) -> None:
        self._table = table

    def since(self, uid: str, at_ms: int) -> Iterator[Change]:
        """Changes stamped at `at_ms` or later, strongly consistent, in the order of the stamps."""
        return self._where(uid, Key(schema.SORT_KEY).gte(schema.change_stamp(at_ms)))

    def before(self, uid: str, at_ms: int) -> Iterator[Change]:
        """Changes stamped before `at_ms`, however old, in the same way."""
        return self._where(uid, Key(schema.SORT_KEY).lt(schema.change_stamp(at_ms)))

    def _where(self, uid: str, condition: ConditionBase) -> Iterator[Change]:
        partition = Key(schema.PARTITION_KEY).eq(schema.changes_partition(uid))
        return map(_from_item, query(self._table, KeyConditionExpression=partition & condition))


class ChangeWriter:
    """Makes the items of changes. Make one just before you commit it: the item carries the time,
    and readers look back 60 s only."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    def item(self, uid: str, attributes: Attributes) -> dict[str, Any]:
        """`attributes`: packed by `semblance.model.changes`."""
        now = self._clock()
        lifetime = {schema.EXPIRES_AT: int(now) + schema.CHANGES_KEPT_SECONDS}
        key = schema.change_key(uid, int(now * 1000), uuid.uuid4().hex[:16])
        return key | lifetime | attributes


def _from_item(item: dict[str, Any]) -> Change:
    return Change.unpacked(item[schema.SORT_KEY], item)
