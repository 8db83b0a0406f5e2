"""Maintenance: everything that a duty works with, handed to it as one value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from semblance.gallery.gallery import MemoryGallery
from semblance.stores.opening import Stores
from semblance.stores.snapshot_bucket import SnapshotBucket


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    stores: Stores
    snapshots: SnapshotBucket
    galleries: Mapping[str, MemoryGallery]
    """By model id: a collection is read and compacted by its own model's. One of a model that is
    not here has no snapshot; every other duty is done for it."""
    directory: Path
    """Where a snapshot is written before it goes to S3."""
    clock: Callable[[], float]
    """Epoch seconds."""
    fewest_faces: int = 1_000
    """A collection with fewer has no snapshot: a cold function reads it from the table as fast as
    it lists a bucket and loads an object."""

    def now_ms(self) -> int:
        return int(self.clock() * 1000)
