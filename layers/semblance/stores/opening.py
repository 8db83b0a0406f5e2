"""Opens every store over the one table, so that the wiring stands in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semblance.embedding.codec import Codec
from semblance.stores.changes import ChangeFeed, ChangeWriter
from semblance.stores.collections import CollectionTable
from semblance.stores.counts import Counts
from semblance.stores.deleting import Deleter
from semblance.stores.faces import FaceTable
from semblance.stores.scrubbing import ChangeScrubber
from semblance.stores.tokens import TokenTable
from semblance.stores.tombstones import Tombstones
from semblance.stores.users import UserTable
from semblance.stores.visits import VisitTable

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    collections: CollectionTable
    faces: FaceTable
    users: UserTable
    tokens: TokenTable
    feed: ChangeFeed
    scrubber: ChangeScrubber
    counts: Counts
    deleter: Deleter
    tombstones: Tombstones
    visits: VisitTable


def open_stores(
    table: Table,
    *,
    codec: Codec,
    clock: Callable[[], float],
    writer_clock: Callable[[], float] | None = None,
) -> Stores:
    """`clock`: epoch seconds. `writer_clock` stamps changes, `clock` unless given."""
    changes, deleter = ChangeWriter(writer_clock or clock), Deleter(table)
    return Stores(
        collections=CollectionTable(table),
        faces=FaceTable(table, changes, encode=codec.encode),
        users=UserTable(table, changes, encode=codec.encode),
        tokens=TokenTable(table, clock),
        feed=ChangeFeed(table),
        scrubber=ChangeScrubber(table),
        counts=Counts(table),
        deleter=deleter,
        tombstones=Tombstones(table, deleter),
        visits=VisitTable(table),
    )
