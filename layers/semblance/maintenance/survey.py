"""What there is to do, as a compactor finds it when it begins."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from semblance.maintenance.maintenance import Compactor
from semblance.model.gallery import Collection
from semblance.stores.snapshot_bucket import Snapshot, Upload
from semblance.stores.tombstones import Erasure
from semblance.stores.visits import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    collections: Sequence[Collection]
    """Whose turn is longest ago first, however that turn ended: one that takes a compactor down
    keeps no other waiting."""
    turns: dict[str, Turn]
    """By uid, as are the following."""
    stored: dict[str, list[Snapshot]]
    """The oldest first."""
    uploads: dict[str, list[Upload]]
    erasures: Sequence[Erasure]
    """The oldest first."""

    def orphans(self) -> set[str]:
        """Uids that have copies and belong to no collection, nor to one that is to be erased: they
        are of a collection that was deleted while its snapshot was written."""
        known = {each.uid for each in self.collections} | {each.uid for each in self.erasures}
        return (self.stored.keys() | self.uploads.keys()) - known


def everything(compactor: Compactor) -> Survey:
    """Copies are listed before collections: what has one has been a collection by then."""
    stored, uploads = _copies(compactor, None)
    collections, turns = list(compactor.collections.all()), compactor.turns.all()
    collections.sort(key=lambda each: turns.get(each.uid, Turn()).tried_ms)
    erasures = sorted(compactor.erasures.pending(), key=lambda each: each.deleted_at)
    return Survey(
        collections=collections, turns=turns, stored=stored, uploads=uploads, erasures=erasures
    )


def of_one(compactor: Compactor, collection_id: str) -> Survey:
    """Raises ResourceNotFoundException."""
    collection = compactor.collections.get(collection_id)
    stored, uploads = _copies(compactor, collection.uid)
    return Survey(
        collections=[collection],
        turns=compactor.turns.all(),
        stored=stored,
        uploads=uploads,
        erasures=[],
    )


def _copies(
    compactor: Compactor, uid: str | None
) -> tuple[dict[str, list[Snapshot]], dict[str, list[Upload]]]:
    stored, uploads = defaultdict(list), defaultdict(list)
    for snapshot in compactor.snapshots.all(uid):
        stored[snapshot.uid].append(snapshot)
    for upload in compactor.snapshots.uploads(uid):
        uploads[upload.uid].append(upload)
    return stored, uploads
