"""Removes faces from the table and from the count, including faces that users hold."""

from collections.abc import Sequence

from semblance.maintenance.maintenance import Maintenance
from semblance.model.gallery import Collection
from semblance.stores import associations


def remove_faces(maintenance: Maintenance, collection: Collection, face_ids: Sequence[str]) -> int:
    """Returns the number of faces that existed. Raises Conflict."""
    stores, now = maintenance.stores, maintenance.clock()
    removed = associations.remove_faces(stores.faces, stores.users, collection, face_ids, now=now)
    stores.collections.count(collection, faces=-len(removed))
    return len(removed)
