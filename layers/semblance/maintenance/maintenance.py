"""Compactor: everything that a duty works with, handed to it as one value."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from semblance.gallery.gallery import Gallery
from semblance.stores.changes import ChangeFeed
from semblance.stores.collections import CollectionTable
from semblance.stores.counts import Counts
from semblance.stores.deleting import Deleter
from semblance.stores.faces import FaceTable
from semblance.stores.scrubbing import ChangeScrubber
from semblance.stores.snapshot_bucket import SnapshotBucket
from semblance.stores.tokens import TokenTable
from semblance.stores.tombstones import Erasures
from semblance.stores.users import UserTable
from semblance.stores.visits import TurnTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Compactor:
    collections: CollectionTable
    faces: FaceTable
    users: UserTable
    tokens: TokenTable
    erasures: Erasures
    turns: TurnTable
    feed: ChangeFeed
    scrubber: ChangeScrubber
    counts: Counts
    deleter: Deleter
    snapshots: SnapshotBucket
    gallery: Gallery
    directory: Path
    """Where a snapshot is written before it goes to S3."""
    clock: Callable[[], float]
    """Epoch seconds."""
    fewest_faces: int = 1_000
    """Of a collection with a snapshot. One with fewer, a cold function reads from the table in the
    time that it takes to list a bucket and to load an object."""

    def now_ms(self) -> int:
        return int(self.clock() * 1000)
