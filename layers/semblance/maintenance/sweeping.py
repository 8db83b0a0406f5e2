"""Erases deleted collections: everything on a uid that no name points to any more.

A call that was at work when its collection was deleted may still store faces under the uid, and a
compactor a snapshot. So a uid is swept at once, and again when no such call can be running.
"""

from collections.abc import Callable

from semblance.contract.schema import LONGEST_CALL_SECONDS
from semblance.maintenance.maintenance import Compactor
from semblance.stores.tombstones import Erasure

LAST_WRITE_SECONDS = LONGEST_CALL_SECONDS + 120
"""The deletion is stamped before it is committed, and clocks differ a little."""


def erase(compactor: Compactor, erasure: Erasure, go_on: Callable[[], bool]) -> bool:
    """Whether nothing is left, for good. `go_on` says whether there is time for more."""
    is_last = compactor.clock() - erasure.deleted_at >= LAST_WRITE_SECONDS
    erase_copies(compactor, erasure.uid)
    if not compactor.erasures.sweep(erasure.uid, go_on=go_on) or not is_last:
        return False
    compactor.erasures.close(erasure.uid)
    return True


def erase_copies(compactor: Compactor, uid: str) -> None:
    """Snapshots, and the parts of those that were never completed."""
    compactor.snapshots.abort(compactor.snapshots.uploads(uid))
    compactor.snapshots.delete(compactor.snapshots.all(uid))
