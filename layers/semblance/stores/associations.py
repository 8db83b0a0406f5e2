"""Associates faces with users: a user's next state and its faces, written in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from semblance.embedding import codec
from semblance.model.gallery import Collection, Face, User
from semblance.stores.faces import FaceTable
from semblance.stores.transaction import Conflict
from semblance.stores.users import MOST_FACES_A_WRITE, UserTable

_TRIES = 6

Faces = Mapping[str, Face]
"""By id: the user's own faces, and those to associate."""
Actions = Sequence[dict[str, Any]]


def associate(
    users: UserTable,
    collection: Collection,
    user: User,
    faces: Faces,
    face_ids: Sequence[str],
    *,
    now: float,
    also: Actions = (),
) -> User:
    """Adds at most MOST_FACES_A_WRITE faces to the user, and returns it as written.

    `also`: further actions of the transaction. Raises Conflict.
    """
    after = _with_faces(user, faces, (*user.face_ids, *face_ids), now)
    users.write(collection, user, after, associate=face_ids, also=also)
    return after


def disassociate(
    users: UserTable,
    collection: Collection,
    user: User,
    faces: Faces,
    face_ids: Sequence[str],
    *,
    now: float,
    also: Actions = (),
) -> User:
    """Takes faces from the user, in the same way."""
    gone = set(face_ids)
    left = tuple(face_id for face_id in user.face_ids if face_id not in gone)
    after = _with_faces(user, faces, left, now)
    users.write(collection, user, after, disassociate=face_ids, also=also)
    return after


def remove_faces(
    faces: FaceTable,
    users: UserTable,
    collection: Collection,
    face_ids: Sequence[str],
    *,
    now: float,
) -> list[str]:
    """Deletes faces, also those that users hold, and returns the ids of those that existed.

    Raises Conflict when other calls keep changing them.
    """
    removed: list[str] = []
    for _ in range(_TRIES):
        removed += faces.remove(collection.uid, face_ids)
        held = faces.get_many(collection.uid, [i for i in face_ids if i not in set(removed)])
        if not held:
            return removed
        for user_id in sorted({face.user_id for face in held.values() if face.user_id}):
            _take_from_user(faces, users, collection, user_id, held, now)
    raise Conflict


def remove_user(users: UserTable, collection: Collection, user: User, *, now: float) -> None:
    """Disassociates its faces first. Raises Conflict."""
    while user.face_ids:
        part = user.face_ids[:MOST_FACES_A_WRITE]
        left = user.face_ids[MOST_FACES_A_WRITE:]
        # The mean is not made anew for the faces that are left: they go next.
        after = replace(user, version=next_version(user, now), face_ids=left)
        users.write(collection, user, after, disassociate=part)
        user = after
    users.write(collection, user, User(user.id, next_version(user, now), deleted=True))


def next_version(before: User | None, now: float) -> int:
    """Higher than every earlier version, also after the item of a deleted user has expired."""
    return max(int(now * 1000), before.version + 1 if before else 0)


def _take_from_user(
    faces: FaceTable,
    users: UserTable,
    collection: Collection,
    user_id: str,
    held: Faces,
    now: float,
) -> None:
    user = users.slot(collection.uid, user_id)
    if user is None or user.deleted:
        return
    gone = [face_id for face_id in user.face_ids if face_id in held]
    members = faces.get_many(collection.uid, user.face_ids)
    try:
        while gone:
            user = disassociate(
                users, collection, user, members, gone[:MOST_FACES_A_WRITE], now=now
            )
            gone = gone[MOST_FACES_A_WRITE:]
    except Conflict:
        return  # the user has changed since it was read: the caller tries again


def _with_faces(user: User, faces: Faces, face_ids: tuple[str, ...], now: float) -> User:
    embeddings = [faces[face_id].embedding for face_id in face_ids]
    return replace(
        user,
        version=next_version(user, now),
        face_ids=face_ids,
        embedding=codec.mean(embeddings) if embeddings else b"",
    )
