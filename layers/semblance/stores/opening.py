"""Opens every store over the one table, so that the wiring stands in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
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
    others: Mapping[str, Codec] = MappingProxyType({}),
    clock: Callable[[], float],
    writer_clock: Callable[[], float] | None = None,
) -> Stores:
    """`codec`: of the deployment's model. `others`: by model id, the codecs of all models whose
    collections the table may hold. `clock`: epoch seconds. `writer_clock` stamps changes, `clock`
    unless given."""
    codecs = {**others, codec.model_id: codec}
    changes, deleter = ChangeWriter(writer_clock or clock), Deleter(table)
    return Stores(
        collections=CollectionTable(table),
        faces=FaceTable(table, changes, codec=codec),
        users=UserTable(table, changes, codecs=codecs),
        tokens=TokenTable(table, clock),
        feed=ChangeFeed(table),
        scrubber=ChangeScrubber(table),
        counts=Counts(table),
        deleter=deleter,
        tombstones=Tombstones(table, deleter),
        visits=VisitTable(table),
    )
