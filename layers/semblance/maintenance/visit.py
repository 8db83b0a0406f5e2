"""Visit: one collection, and all that is known about it when a run gets to it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from semblance.contract.schema import LONGEST_CALL_SECONDS
from semblance.gallery.loaded import OVERLAP_SECONDS
from semblance.model.changes import Change
from semblance.model.gallery import Collection
from semblance.stores.snapshot_bucket import StoredSnapshot
from semblance.stores.visits import LastVisit

OVERLAP_MS = OVERLAP_SECONDS * 1000
"""A change is committed at most this long after it was stamped."""
QUIET_MS = (LONGEST_CALL_SECONDS + 60) * 1000
"""After this long without a change, every call that has stored something has ended."""


@dataclass(slots=True)
class News:
    """The facts about the newest changes that the duties need, gathered in one reading."""

    newest_ms: int = 0
    removed: dict[bytes, int] = field(default_factory=dict)
    """Face ids removed since the last scrubbing, and when (epoch ms)."""
    users: dict[str, int] = field(default_factory=dict)
    """User ids changed since then, and their highest versions."""
    since_snapshot: int = 0
    """Faces and users changed since the newest snapshot."""

    @classmethod
    def of(cls, changes: Iterable[Change], *, scrubbed_ms: int, watermark_ms: int) -> Self:
        news = cls()
        for change in changes:
            news.newest_ms = max(news.newest_ms, change.at_ms)
            if change.at_ms >= scrubbed_ms - OVERLAP_MS:
                news._note(change)
            if change.at_ms >= watermark_ms:
                faces = len(change.added_ids) + len(change.removed_ids)
                news.since_snapshot += faces + (change.user is not None)
        return news

    def _note(self, change: Change) -> None:
        for face_id in change.removed_ids:
            self.removed[face_id] = max(change.at_ms, self.removed.get(face_id, 0))
        if change.user is not None:
            known = self.users.get(change.user.id, 0)
            self.users[change.user.id] = max(change.user.version, known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    collection: Collection
    last: LastVisit
    started_ms: int
    stored: Sequence[StoredSnapshot]
    """The oldest first."""
    news: News
    thorough: bool
    """An operator asked for the visit: duties that could wait are done now."""
    seconds_left: Callable[[], float]

    @property
    def uid(self) -> str:
        return self.collection.uid

    @property
    def is_quiet(self) -> bool:
        """No call was writing when the visit began."""
        return self.news.newest_ms < self.started_ms - QUIET_MS
