"""Deletes expired changes, and bare keys of deleted faces and users, that DynamoDB's time to live
has not deleted yet."""

import uuid
from collections.abc import Iterator
from itertools import islice

from semblance.contract import schema
from semblance.maintenance.maintenance import Maintenance
from semblance.maintenance.visit import Visit
from semblance.model.changes import Change

PATIENCE_SECONDS = 6 * 3600
"""Items that DynamoDB expires by itself cost nothing, so it gets this long."""
_CHANGES_AT_ONCE = 100
_LEAST_SECONDS = 30


def expire(maintenance: Maintenance, visit: Visit) -> int:
    """Returns the number of changes deleted. A change is deleted last, after the bare keys of the
    faces or the user that it removed, since it alone names them."""
    kept = schema.CHANGES_KEPT_SECONDS + (0 if visit.thorough else PATIENCE_SECONDS)
    changes = maintenance.stores.feed.before(visit.uid, visit.started_ms - kept * 1000)
    count = 0
    while visit.seconds_left() > _LEAST_SECONDS:
        block = list(islice(changes, _CHANGES_AT_ONCE))
        if not block:
            break
        left = [key for change in block for key in _left_by(visit.uid, change)]
        maintenance.stores.deleter.expired(left, maintenance.clock())
        count += maintenance.stores.deleter.items(
            schema.change_key_of(visit.uid, change.stamp) for change in block
        )
    return count


def _left_by(uid: str, change: Change) -> Iterator[schema.Key]:
    for face_id in change.removed_ids:
        yield schema.face_key(uid, str(uuid.UUID(bytes=face_id)))
    if change.user is not None and not change.user.code:
        yield schema.user_key(uid, change.user.id)
