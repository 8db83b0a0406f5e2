"""Deletes unreachable and expired items: whole partitions, or items by their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from semblance import errors
from semblance.contract import schema
from semblance.stores.backoff import pause
from semblance.stores.reading import query

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

_ITEMS_A_CALL = 25
_AT_ONCE = 16
_TRIES = 8
_FIRST_PAUSE_SECONDS = 0.05


class Deleter:
    def __init__(self, table: Table) -> None:
        self._table = table

    def partitions(self, names: Sequence[str], *, go_on: Callable[[], bool]) -> bool:
        """Deletes all of their items while `go_on()` holds. True when nothing is left."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return all(pool.map(partial(self._partition, go_on=go_on), names))

    def items(self, keys: Iterable[schema.Key]) -> int:
        """Deletes these items, if they exist. Returns the number of keys."""
        count, rest = 0, iter(keys)
        while batch := list(islice(rest, _ITEMS_A_CALL)):
            self._batch(batch)
            count += len(batch)
        return count

    def expired(self, keys: Sequence[schema.Key], now: float) -> None:
        """Deletes those of the items whose lifetime has ended by `now` (epoch seconds)."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(partial(self._expired, now=now), keys))

    def _partition(self, name: str, *, go_on: Callable[[], bool]) -> bool:
        rest = self._keys(name)
        while batch := list(islice(rest, _ITEMS_A_CALL)):
            if not go_on():
                return False
            self._batch(batch)
        return True

    def _keys(self, partition: str) -> Iterator[schema.Key]:
        items = query(
            self._table,
            KeyConditionExpression=Key(schema.PARTITION_KEY).eq(partition),
            ProjectionExpression=f"{schema.PARTITION_KEY}, {schema.SORT_KEY}",
        )
        for item in items:
            yield {name: str(item[name]) for name in (schema.PARTITION_KEY, schema.SORT_KEY)}

    def _batch(self, keys: Sequence[schema.Key]) -> None:
        wanted: Any = {self._table.name: [{"DeleteRequest": {"Key": key}} for key in keys]}
        for attempt in range(_TRIES):
            reply = self._table.meta.client.batch_write_item(RequestItems=wanted)
            wanted = reply.get("UnprocessedItems")
            if not wanted:
                return
            pause(attempt, first_seconds=_FIRST_PAUSE_SECONDS)
        raise errors.ProvisionedThroughputExceededException

    def _expired(self, key: schema.Key, *, now: float) -> None:
        try:
            self._table.delete_item(
                Key=key, ConditionExpression=Attr(schema.EXPIRES_AT).lte(int(now))
            )
        except self._table.meta.client.exceptions.ConditionalCheckFailedException:
            return  # already gone, or the key is in use again
