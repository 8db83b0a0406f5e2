"""Deletes what has expired and DynamoDB's time to live has not got to: changes, and the bare keys
that deleted faces and users have left."""

import uuid
from collections.abc import Iterator
from itertools import islice

from semblance.contract import schema
from semblance.maintenance.maintenance import Compactor
from semblance.maintenance.visit import Visit
from semblance.model.changes import Change

PATIENCE_SECONDS = 6 * 3600
"""What DynamoDB expires by itself costs nothing."""
_CHANGES_AT_ONCE = 100
_LEAST_SECONDS = 30


def expire(compactor: Compactor, visit: Visit) -> int:
    """How many changes were deleted. A change goes after the keys whose removal it announced: it
    is what names them."""
    kept = schema.CHANGES_KEPT_SECONDS + (0 if visit.thorough else PATIENCE_SECONDS)
    changes = compactor.feed.before(visit.uid, visit.started_ms - kept * 1000)
    count = 0
    while visit.seconds_left() > _LEAST_SECONDS:
        block = list(islice(changes, _CHANGES_AT_ONCE))
        if not block:
            break
        left = [key for change in block for key in _left_by(visit.uid, change)]
        compactor.deleter.expired(left, compactor.clock())
        count += compactor.deleter.items(
            schema.change_key_of(visit.uid, change.stamp) for change in block
        )
    return count


def _left_by(uid: str, change: Change) -> Iterator[schema.Key]:
    for face_id in change.removed_ids:
        yield schema.face_key(uid, str(uuid.UUID(bytes=face_id)))
    if change.user is not None and not change.user.code:
        yield schema.user_key(uid, change.user.id)
