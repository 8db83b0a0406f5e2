"""Erases a person from a collection, and looks in every place where something could be left."""

from __future__ import annotations

import uuid
from typing import NamedTuple

from semblance.contract import schema
from semblance.gallery import snapshot
from semblance.gallery.rows import Rows
from semblance.maintenance.maintenance import Compactor
from semblance.model.changes import Change
from semblance.model.gallery import Collection
from semblance.stores import associations
from semblance.stores.transaction import Conflict

_TRIES = 3
"""Photos of the person may be indexed at this moment."""


class Wanted(NamedTuple):
    """Who: these faces, or all faces of that user, or all with that external image id."""

    face_ids: tuple[str, ...] = ()
    user_id: str | None = None
    external_image_id: str | None = None


class Place(NamedTuple):
    name: str
    looked_at: int
    """How many items or objects."""
    found: int
    """In how many of them there was something of the person."""


class Erased(NamedTuple):
    face_ids: frozenset[str]
    """All that the person had, whether they were there or only something of them."""
    external_image_ids: frozenset[str]
    faces: int
    user: bool
    tokens: int


def erase(compactor: Compactor, collection: Collection, wanted: Wanted) -> Erased:
    """From the table. What is left in copies is for the turn that follows to take out."""
    face_ids: frozenset[str] = frozenset(wanted.face_ids)
    names: frozenset[str] = frozenset(filter(None, [wanted.external_image_id]))
    faces = 0
    for _ in range(_TRIES):
        found = _find(compactor, collection.uid, wanted)
        face_ids |= found
        names |= _external_image_ids(compactor, collection.uid, found)
        faces += _remove(compactor, collection, sorted(found))
        if not _find(compactor, collection.uid, wanted):
            break
    user = wanted.user_id is not None and _remove_user(compactor, collection, wanted.user_id)
    tokens = compactor.tokens.forget(collection.uid, _names(face_ids, wanted))
    return Erased(face_ids, names, faces, user, tokens)


def look(
    compactor: Compactor, collection: Collection, wanted: Wanted, face_ids: frozenset[str]
) -> list[Place]:
    """Reads what is stored, and trusts nothing that was done."""
    uid, names = collection.uid, _names(face_ids, wanted)
    packed = {uuid.UUID(face_id).bytes for face_id in face_ids}
    return [
        Place("faces", *_look_at_faces(compactor, uid, wanted, face_ids)),
        Place("users", *_look_at_users(compactor, uid, wanted, face_ids)),
        Place("change records", *_look_at_changes(compactor, uid, wanted, packed)),
        Place("request tokens", *compactor.tokens.mentions(uid, names)),
        Place("snapshots", *_look_at_snapshots(compactor, uid, wanted, packed)),
        Place("snapshots half sent", *_look_at_uploads(compactor, uid)),
    ]


def bare_ids_until(compactor: Compactor) -> float:
    """Epoch seconds: when the last bare key that a deleted face or user leaves has expired."""
    return compactor.clock() + schema.CHANGES_KEPT_SECONDS


def _find(compactor: Compactor, uid: str, wanted: Wanted) -> frozenset[str]:
    """The faces that are there."""
    if wanted.external_image_id is not None:
        return frozenset(compactor.faces.named(uid, wanted.external_image_id))
    if wanted.user_id is not None:
        user = compactor.users.slot(uid, wanted.user_id)
        return frozenset(user.face_ids if user else ())
    return frozenset(compactor.faces.get_many(uid, wanted.face_ids))


def _external_image_ids(compactor: Compactor, uid: str, face_ids: frozenset[str]) -> frozenset[str]:
    faces = compactor.faces.get_many(uid, face_ids).values()
    return frozenset(face.external_image_id for face in faces if face.external_image_id)


def _names(face_ids: frozenset[str], wanted: Wanted) -> set[str]:
    return {*face_ids, *filter(None, (wanted.user_id, wanted.external_image_id))}


def _remove(compactor: Compactor, collection: Collection, face_ids: list[str]) -> int:
    faces, users, now = compactor.faces, compactor.users, compactor.clock()
    removed = associations.remove_faces(faces, users, collection.uid, face_ids, now=now)
    compactor.collections.count(collection, faces=-len(removed))
    return len(removed)


def _remove_user(compactor: Compactor, collection: Collection, user_id: str) -> bool:
    for _ in range(_TRIES):
        user = compactor.users.slot(collection.uid, user_id)
        if user is None or user.deleted:
            return False
        try:
            associations.remove_user(compactor.users, collection.uid, user, now=compactor.clock())
        except Conflict:
            continue
        compactor.collections.count(collection, users=-1)
        return True
    raise Conflict


def _look_at_faces(
    compactor: Compactor, uid: str, wanted: Wanted, face_ids: frozenset[str]
) -> tuple[int, int]:
    left = compactor.faces.get_many(uid, face_ids).keys() | _find(compactor, uid, wanted)
    return len(face_ids | left), len(left)


def _look_at_users(
    compactor: Compactor, uid: str, wanted: Wanted, face_ids: frozenset[str]
) -> tuple[int, int]:
    users = list(compactor.users.all(uid))
    found = [u for u in users if u.id == wanted.user_id or face_ids & set(u.face_ids)]
    return len(users), len(found)


def _look_at_changes(
    compactor: Compactor, uid: str, wanted: Wanted, packed: set[bytes]
) -> tuple[int, int]:
    """The record of a removal names bare ids, and nothing else."""
    changes = list(compactor.feed.since(uid, 0))
    newest: dict[str, int] = {}
    for change in changes:
        if change.user is not None:
            newest[change.user.id] = max(change.user.version, newest.get(change.user.id, 0))
    return len(changes), sum(_holds(change, wanted, packed, newest) for change in changes)


def _holds(change: Change, wanted: Wanted, packed: set[bytes], newest: dict[str, int]) -> bool:
    """A user's older vector is one that other faces have gone into."""
    if change.user is None:
        return not packed.isdisjoint(change.added_ids)
    outdated = change.user.version < newest[change.user.id]
    return bool(change.user.code) and (outdated or change.user.id == wanted.user_id)


def _look_at_snapshots(
    compactor: Compactor, uid: str, wanted: Wanted, packed: set[bytes]
) -> tuple[int, int]:
    stored = list(compactor.snapshots.all(uid))
    if not stored:
        return 0, 0
    path = compactor.snapshots.fetch(uid)
    if path is None:
        return len(stored), len(stored)  # none of them can be read: nobody can say
    try:
        held = snapshot.open_mapped(path)
    finally:
        path.unlink()
    found = Rows(held.faces).known(b"".join(packed)).any() or wanted.user_id in held.users.names
    return len(stored), len(stored) - 1 + bool(found)


def _look_at_uploads(compactor: Compactor, uid: str) -> tuple[int, int]:
    """What is in one nobody can see."""
    count = sum(1 for _ in compactor.snapshots.uploads(uid))
    return count, count
