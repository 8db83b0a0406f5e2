"""Forgets a person: removes their faces, then reads every place where a trace could be left."""

from __future__ import annotations

import uuid
from typing import NamedTuple

from semblance.contract import schema
from semblance.gallery import snapshot
from semblance.gallery.rows import Rows
from semblance.maintenance.maintenance import Maintenance
from semblance.maintenance.removing import remove_faces
from semblance.model.changes import Change
from semblance.model.gallery import Collection
from semblance.stores import associations
from semblance.stores.transaction import Conflict

_TRIES = 3
"""More than one, since other calls may index photos of the person at the same time."""


class Person(NamedTuple):
    """The person to forget: these faces, or a user's faces, or those with an external image id."""

    face_ids: tuple[str, ...] = ()
    user_id: str | None = None
    external_image_id: str | None = None


class Place(NamedTuple):
    name: str
    looked_at: int
    """The number of items or objects that were read."""
    found: int
    """The number of them that hold a trace of the person."""


class Removed(NamedTuple):
    face_ids: frozenset[str]
    """All of the person's face ids, also those of which only a trace was left."""
    external_image_ids: frozenset[str]
    faces: int
    user: bool
    tokens: int


def remove_person(maintenance: Maintenance, collection: Collection, person: Person) -> Removed:
    """Removes the person from the table; the visit that follows takes them out of the copies.

    Raises Conflict when other calls keep changing the person's faces.
    """
    face_ids: frozenset[str] = frozenset(person.face_ids)
    names: frozenset[str] = frozenset(filter(None, [person.external_image_id]))
    faces = 0
    for _ in range(_TRIES):
        found = _find(maintenance, collection.uid, person)
        face_ids |= found
        names |= _external_image_ids(maintenance, collection.uid, found)
        faces += remove_faces(maintenance, collection, sorted(found))
        if not _find(maintenance, collection.uid, person):
            break
    user = person.user_id is not None and _remove_user(maintenance, collection, person.user_id)
    tokens = maintenance.stores.tokens.forget(collection.uid, _names(face_ids, person))
    return Removed(face_ids, names, faces, user, tokens)


def look(
    maintenance: Maintenance, collection: Collection, person: Person, face_ids: frozenset[str]
) -> list[Place]:
    """Reads everything that is stored, and trusts no earlier step."""
    uid, names = collection.uid, _names(face_ids, person)
    packed = {uuid.UUID(face_id).bytes for face_id in face_ids}
    return [
        Place("faces", *_look_at_faces(maintenance, uid, person, face_ids)),
        Place("users", *_look_at_users(maintenance, uid, person, face_ids)),
        Place("change records", *_look_at_changes(maintenance, uid, person, packed)),
        Place("request tokens", *maintenance.stores.tokens.mentions(uid, names)),
        Place("snapshots", *_look_at_snapshots(maintenance, uid, person, packed)),
        Place("snapshots half sent", *_look_at_uploads(maintenance, uid)),
    ]


def bare_ids_until(maintenance: Maintenance) -> float:
    """Epoch seconds: when the last bare key that a deleted face or user leaves has expired."""
    return maintenance.clock() + schema.CHANGES_KEPT_SECONDS


def _find(maintenance: Maintenance, uid: str, person: Person) -> frozenset[str]:
    """The person's faces that are in the table."""
    if person.external_image_id is not None:
        return frozenset(maintenance.stores.faces.named(uid, person.external_image_id))
    if person.user_id is not None:
        user = maintenance.stores.users.slot(uid, person.user_id)
        return frozenset(user.face_ids if user else ())
    return frozenset(maintenance.stores.faces.get_many(uid, person.face_ids))


def _external_image_ids(
    maintenance: Maintenance, uid: str, face_ids: frozenset[str]
) -> frozenset[str]:
    faces = maintenance.stores.faces.get_many(uid, face_ids).values()
    return frozenset(face.external_image_id for face in faces if face.external_image_id)


def _names(face_ids: frozenset[str], person: Person) -> set[str]:
    return {*face_ids, *filter(None, (person.user_id, person.external_image_id))}


def _remove_user(maintenance: Maintenance, collection: Collection, user_id: str) -> bool:
    for _ in range(_TRIES):
        user = maintenance.stores.users.slot(collection.uid, user_id)
        if user is None or user.deleted:
            return False
        try:
            associations.remove_user(
                maintenance.stores.users, collection, user, now=maintenance.clock()
            )
        except Conflict:
            continue
        maintenance.stores.collections.count(collection, users=-1)
        return True
    raise Conflict


def _look_at_faces(
    maintenance: Maintenance, uid: str, person: Person, face_ids: frozenset[str]
) -> tuple[int, int]:
    left = maintenance.stores.faces.get_many(uid, face_ids).keys() | _find(maintenance, uid, person)
    return len(face_ids | left), len(left)


def _look_at_users(
    maintenance: Maintenance, uid: str, person: Person, face_ids: frozenset[str]
) -> tuple[int, int]:
    users = list(maintenance.stores.users.all(uid))
    found = [u for u in users if u.id == person.user_id or face_ids & set(u.face_ids)]
    return len(users), len(found)


def _look_at_changes(
    maintenance: Maintenance, uid: str, person: Person, packed: set[bytes]
) -> tuple[int, int]:
    """Records of removals are passed over: they name bare ids and nothing else."""
    changes = list(maintenance.stores.feed.since(uid, 0))
    newest: dict[str, int] = {}
    for change in changes:
        if change.user is not None:
            newest[change.user.id] = max(change.user.version, newest.get(change.user.id, 0))
    return len(changes), sum(_holds(change, person, packed, newest) for change in changes)


def _holds(change: Change, person: Person, packed: set[bytes], newest: dict[str, int]) -> bool:
    """An outdated vector of a user may be a mean that includes the person's faces."""
    if change.user is None:
        return not packed.isdisjoint(change.added_ids)
    outdated = change.user.version < newest[change.user.id]
    return bool(change.user.code) and (outdated or change.user.id == person.user_id)


def _look_at_snapshots(
    maintenance: Maintenance, uid: str, person: Person, packed: set[bytes]
) -> tuple[int, int]:
    stored = list(maintenance.snapshots.all(uid))
    if not stored:
        return 0, 0
    path = maintenance.snapshots.fetch(uid)
    if path is None:
        return len(stored), len(stored)  # unreadable, so each may hold the person
    try:
        content = snapshot.open_mapped(path)
    except snapshot.SnapshotError:
        return len(stored), len(stored)
    finally:
        path.unlink()
    found = (
        Rows(content.header.size, content.faces).known(b"".join(packed)).any()
        or person.user_id in content.users.names
    )
    return len(stored), len(stored) - 1 + bool(found)


def _look_at_uploads(maintenance: Maintenance, uid: str) -> tuple[int, int]:
    """Parts of an upload cannot be read, so each upload may hold the person."""
    count = sum(1 for _ in maintenance.snapshots.uploads(uid))
    return count, count
