"""Changes: what one write did to a collection, for every reader of its feed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """What one write did to a collection's faces or to one of its users; face ids are 16 raw
    bytes each."""

    stamp: str
    """When, and which: unique in the collection."""
    added: bytes
    codes: bytes
    """160 int8 numbers for each added face."""
    removed: bytes
    user: UserChange | None = None

    @property
    def at_ms(self) -> int:
        return int(self.stamp.partition("#")[0])

    @property
    def added_ids(self) -> list[bytes]:
        return _ids(self.added)

    @property
    def removed_ids(self) -> list[bytes]:
        return _ids(self.removed)


@dataclass(frozen=True, slots=True)
class UserChange:
    id: str
    version: int
    code: bytes
    """Empty when the user has no faces any more."""


def _ids(packed: bytes) -> list[bytes]:
    return [packed[start : start + 16] for start in range(0, len(packed), 16)]
