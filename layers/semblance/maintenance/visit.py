"""One collection's turn: what is known of it when a compactor has come to it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from semblance.contract.schema import LONGEST_CALL_SECONDS
from semblance.gallery.loaded import OVERLAP_SECONDS
from semblance.model.changes import Change
from semblance.model.gallery import Collection
from semblance.stores.snapshot_bucket import Snapshot
from semblance.stores.visits import Turn

OVERLAP_MS = OVERLAP_SECONDS * 1000
"""A change is committed at most so long after it was stamped."""
QUIET_MS = (LONGEST_CALL_SECONDS + 60) * 1000
"""After so long without a change no call is at work that has stored something: it has ended."""


@dataclass(slots=True)
class News:
    """Of the newest changes, as much as the duties need."""

    newest_ms: int = 0
    removed: dict[bytes, int] = field(default_factory=dict)
    """Face id to the time of its removal, of those removed since the last scrubbing."""
    users: dict[str, int] = field(default_factory=dict)
    """User id to the highest version since then."""
    since_snapshot: int = 0
    """How many faces and users have been changed."""

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
    turn: Turn
    started_ms: int
    stored: Sequence[Snapshot]
    """The oldest first."""
    news: News
    thorough: bool
    """Asked for: what could wait for a while is done now."""
    seconds_left: Callable[[], float]

    @property
    def uid(self) -> str:
        return self.collection.uid

    @property
    def is_quiet(self) -> bool:
        """Nobody had been writing when the visit began."""
        return self.news.newest_ms < self.started_ms - QUIET_MS
