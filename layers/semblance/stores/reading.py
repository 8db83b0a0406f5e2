"""Strongly consistent reads of the table: whole queries, and batches of keys in parallel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from semblance import errors
from semblance.contract import schema
from semblance.stores.backoff import pause

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

READS_AT_ONCE = 16
_KEYS_A_READ = 100
_TRIES = 6
_FIRST_PAUSE_SECONDS = 0.02

Item = dict[str, Any]
T = TypeVar("T")


def query(table: Table, **conditions: Any) -> Iterator[Item]:
    """All items, page after page."""
    start: dict[str, Any] = {}
    while True:
        reply = table.query(ConsistentRead=True, **conditions, **start)
        yield from reply["Items"]
        if "LastEvaluatedKey" not in reply:
            return
        start = {"ExclusiveStartKey": reply["LastEvaluatedKey"]}


def batch_get(table: Table, keys: Sequence[schema.Key]) -> list[Item]:
    """The items that exist, in any order. Raises ProvisionedThroughputExceededException."""
    parts = in_parts(keys, _KEYS_A_READ)
    if len(parts) == 1:
        return _read(table, parts[0])
    with ThreadPoolExecutor(READS_AT_ONCE) as pool:
        return [item for items in pool.map(partial(_read, table), parts) for item in items]


def in_parts(items: Sequence[T], size: int) -> list[Sequence[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _read(table: Table, keys: Sequence[schema.Key]) -> list[Item]:
    items: list[Item] = []
    wanted: Any = {table.name: {"Keys": keys, "ConsistentRead": True}}
    for attempt in range(_TRIES):
        reply = table.meta.client.batch_get_item(RequestItems=wanted)
        items += reply["Responses"].get(table.name, [])
        wanted = reply.get("UnprocessedKeys")
        if not wanted:
            return items
        pause(attempt, first_seconds=_FIRST_PAUSE_SECONDS)
    raise errors.ProvisionedThroughputExceededException
