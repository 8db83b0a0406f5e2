"""Erases the faces that are older than their collection keeps them.

They stopped to match at their last moment; this is what takes them out of the table. The change
that it writes has them scrubbed and left out of the next snapshot like any other deleted face.
"""

from collections.abc import Callable

from semblance.maintenance.maintenance import Compactor
from semblance.model.gallery import Collection
from semblance.stores import associations
from semblance.stores.visits import Turn

AGAIN_SECONDS = 12 * 3600
"""Looking for them reads the whole collection. A day after its time a face is out of the table,
and the copies follow within another."""
_FACES_AT_ONCE = 1_000
_LEAST_SECONDS = 60


def retire(
    compactor: Compactor,
    collection: Collection,
    last: Turn,
    *,
    thorough: bool,
    seconds_left: Callable[[], float],
) -> int:
    """How many were erased."""
    started_ms, days = compactor.now_ms(), collection.retention_days
    is_news = days != last.retired_days
    waited_ms = started_ms - last.retired_ms
    if not days or not (thorough or is_news or waited_ms >= AGAIN_SECONDS * 1000):
        return 0
    since, retired = collection.kept_since(compactor.clock()), 0
    for old in compactor.faces.indexed_before(collection.uid, since, at_once=_FACES_AT_ONCE):
        if seconds_left() < _LEAST_SECONDS:
            return retired
        retired += _erase(compactor, collection, old)
    compactor.turns.note(collection.uid, retired_ms=started_ms, retired_days=days)
    return retired


def _erase(compactor: Compactor, collection: Collection, face_ids: list[str]) -> int:
    faces, users, now = compactor.faces, compactor.users, compactor.clock()
    removed = associations.remove_faces(faces, users, collection.uid, face_ids, now=now)
    compactor.collections.count(collection, faces=-len(removed))
    return len(removed)
