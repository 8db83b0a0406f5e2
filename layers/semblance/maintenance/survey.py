"""The survey with which a run begins: collections, their last visits, copies and tombstones."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from semblance.maintenance.maintenance import Maintenance
from semblance.model.gallery import Collection
from semblance.stores.snapshot_bucket import StoredSnapshot, Upload
from semblance.stores.tombstones import Tombstone
from semblance.stores.visits import LastVisit


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    collections: Sequence[Collection]
    """The one visited longest ago first, however that visit ended: a collection that kills the
    function keeps no other waiting."""
    last_visits: dict[str, LastVisit]
    """By uid, as are the following."""
    stored: dict[str, list[StoredSnapshot]]
    """The oldest first."""
    uploads: dict[str, list[Upload]]
    tombstones: Sequence[Tombstone]
    """The oldest first."""

    def orphans(self) -> set[str]:
        """Uids that have copies, but neither a collection nor a tombstone: the collection was
        deleted and swept while its snapshot was being written."""
        known = {each.uid for each in self.collections} | {each.uid for each in self.tombstones}
        return (self.stored.keys() | self.uploads.keys()) - known


def everything(maintenance: Maintenance) -> Survey:
    """Copies are listed first: any copy found then belongs to a collection that the second listing
    shows, or to a tombstone."""
    stored, uploads = _copies(maintenance, None)
    collections = list(maintenance.stores.collections.all())
    last_visits = maintenance.stores.visits.all()
    collections.sort(key=lambda each: last_visits.get(each.uid, LastVisit()).tried_ms)
    tombstones = sorted(maintenance.stores.tombstones.pending(), key=lambda each: each.deleted_at)
    return Survey(
        collections=collections,
        last_visits=last_visits,
        stored=stored,
        uploads=uploads,
        tombstones=tombstones,
    )


def of_one(maintenance: Maintenance, collection_id: str) -> Survey:
    """Raises ResourceNotFoundException."""
    collection = maintenance.stores.collections.get(collection_id)
    stored, uploads = _copies(maintenance, collection.uid)
    return Survey(
        collections=[collection],
        last_visits=maintenance.stores.visits.all(),
        stored=stored,
        uploads=uploads,
        tombstones=[],
    )


def _copies(
    maintenance: Maintenance, uid: str | None
) -> tuple[dict[str, list[StoredSnapshot]], dict[str, list[Upload]]]:
    stored, uploads = defaultdict(list), defaultdict(list)
    for snapshot in maintenance.snapshots.all(uid):
        stored[snapshot.uid].append(snapshot)
    for upload in maintenance.snapshots.uploads(uid):
        uploads[upload.uid].append(upload)
    return stored, uploads
