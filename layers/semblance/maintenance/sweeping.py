"""Sweeps deleted collections: everything under a uid that no name points to any more.

A call that was running when its collection was deleted may still store faces under the uid, and
another maintenance run a snapshot. So a uid is swept at once, and again when no such call can be
running any more.
"""

from collections.abc import Callable

from semblance.contract.schema import LONGEST_CALL_SECONDS
from semblance.maintenance.maintenance import Maintenance
from semblance.stores.tombstones import Tombstone

LAST_WRITE_SECONDS = LONGEST_CALL_SECONDS + 120
"""The deletion is stamped before it is committed, and clocks differ a little."""


def sweep(maintenance: Maintenance, tombstone: Tombstone, go_on: Callable[[], bool]) -> bool:
    """True when nothing is left, for good. Goes on while `go_on()` holds."""
    is_last = maintenance.clock() - tombstone.deleted_at >= LAST_WRITE_SECONDS
    delete_copies(maintenance, tombstone.uid)
    if not maintenance.stores.tombstones.sweep(tombstone.uid, go_on=go_on) or not is_last:
        return False
    maintenance.stores.tombstones.close(tombstone.uid)
    return True


def delete_copies(maintenance: Maintenance, uid: str) -> None:
    """Snapshots, and the parts of uploads that were never completed."""
    maintenance.snapshots.abort(maintenance.snapshots.uploads(uid))
    maintenance.snapshots.delete(maintenance.snapshots.all(uid))
