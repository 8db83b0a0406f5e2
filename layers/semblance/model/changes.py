"""Changes: the effect of one write on a collection, and how its record is packed.

A stored field of a change is added here alone: `faces_added`, `faces_removed`, `user_changed` and
`faces_left` write it, `Change.unpacked` reads it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_ID_BYTES = 16

Attributes = dict[str, Any]
"""The attributes of a change record, without its key and lifetime."""


@dataclass(frozen=True, slots=True)
class UserChange:
    id: str
    version: int
    code: bytes | None
    """Empty when the user has no faces any more; None when only the table has the vector, since
    the writer did not know the collection's model."""


@dataclass(frozen=True, slots=True)
class Change:
    """Faces added or removed, or one user changed. Face ids are 16 raw bytes each."""

    stamp: str
    """Epoch milliseconds and a random part: unique in the collection."""
    added: bytes = b""
    codes: bytes = b""
    """The int8 code of each added face, one after the other."""
    removed: bytes = b""
    user: UserChange | None = None
    mark: bytes = b""
    """Of the codec that made the codes; empty without codes, and in the records of 0.1.0."""

    @classmethod
    def unpacked(cls, stamp: str, attributes: Mapping[str, Any]) -> Change:
        if "user_id" in attributes:
            code = _raw(attributes, "codes") if "codes" in attributes else None
            user = UserChange(attributes["user_id"], int(attributes["version"]), code)
            return cls(stamp, user=user, mark=_raw(attributes, "model"))
        return cls(
            stamp,
            added=_raw(attributes, "added"),
            codes=_raw(attributes, "codes"),
            removed=_raw(attributes, "removed"),
            mark=_raw(attributes, "model"),
        )

    @property
    def at_ms(self) -> int:
        return int(self.stamp.partition("#")[0])

    @property
    def added_ids(self) -> list[bytes]:
        return _split(self.added, _ID_BYTES)

    @property
    def added_codes(self) -> list[bytes]:
        """One for each of `added_ids`."""
        count = len(self.added) // _ID_BYTES
        return _split(self.codes, len(self.codes) // count) if count else []

    @property
    def removed_ids(self) -> list[bytes]:
        return _split(self.removed, _ID_BYTES)


def faces_added(face_ids: Sequence[str], codes: Sequence[bytes], mark: bytes) -> Attributes:
    return {"added": packed_ids(face_ids), "codes": b"".join(codes), "model": mark}


def faces_removed(face_ids: Sequence[str]) -> Attributes:
    return {"removed": packed_ids(face_ids)}


def user_changed(change: UserChange, mark: bytes = b"") -> Attributes:
    """`mark`: of the code, if there is one."""
    attributes: Attributes = {"user_id": change.id, "version": change.version}
    if change.code is not None:
        attributes["codes"] = change.code
    if change.code:
        attributes["model"] = mark
    return attributes


def faces_left(change: Change, places: Sequence[int]) -> Attributes:
    """The attributes of a change that added faces, reduced to the faces at these places."""
    ids, codes = change.added_ids, change.added_codes
    return {
        "added": b"".join(ids[place] for place in places),
        "codes": b"".join(codes[place] for place in places),
    }


def packed_ids(face_ids: Sequence[str]) -> bytes:
    return b"".join(uuid.UUID(face_id).bytes for face_id in face_ids)


def _raw(attributes: Mapping[str, Any], name: str) -> bytes:
    return bytes(attributes.get(name, b""))


def _split(packed: bytes, size: int) -> list[bytes]:
    return [packed[start : start + size] for start in range(0, len(packed), size)]
