"""Erases faces that are past their collection's retention.

They stopped matching when their days were over; this duty takes them out of the table. The change
that it writes has them scrubbed and left out of the next snapshot, like any other deleted face.
"""

from collections.abc import Callable

from semblance.maintenance.maintenance import Maintenance
from semblance.maintenance.removing import remove_faces
from semblance.model.gallery import Collection
from semblance.stores.visits import LastVisit

AGAIN_SECONDS = 12 * 3600
"""Finding them reads the whole collection, so it waits this long. A face is out of the table within
a day of the end of its retention, and out of the copies within another."""
_FACES_AT_ONCE = 1_000
_LEAST_SECONDS = 60


def retire(
    maintenance: Maintenance,
    collection: Collection,
    last: LastVisit,
    *,
    thorough: bool,
    seconds_left: Callable[[], float],
) -> int:
    """Returns the number of faces erased."""
    started_ms, days = maintenance.now_ms(), collection.retention_days
    changed = days != last.retired_days
    waited_ms = started_ms - last.retired_ms
    if not days or not (thorough or changed or waited_ms >= AGAIN_SECONDS * 1000):
        return 0
    since, retired = collection.kept_since(maintenance.clock()), 0
    for expired in maintenance.stores.faces.indexed_before(
        collection.uid, since, at_once=_FACES_AT_ONCE
    ):
        if seconds_left() < _LEAST_SECONDS:
            return retired
        retired += remove_faces(maintenance, collection, expired)
    maintenance.stores.visits.note(collection.uid, retired_ms=started_ms, retired_days=days)
    return retired
