"""The bonds between users and faces: a user's next state, written with the bonds that make it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from semblance.embedding import codec
from semblance.model.gallery import Face, User
from semblance.stores.faces import FaceTable
from semblance.stores.transaction import Conflict
from semblance.stores.users import MOST_FACES_A_WRITE, UserTable

_TRIES = 6

Faces = Mapping[str, Face]
"""By id: the user's own, and those to be bound."""
Actions = Sequence[dict[str, Any]]


def bind(
    users: UserTable,
    uid: str,
    user: User,
    faces: Faces,
    new: Sequence[str],
    *,
    now: float,
    also: Actions = (),
) -> User:
    """Raises Conflict. `also`: what is to be committed with it."""
    after = _with_faces(user, faces, (*user.face_ids, *new), now)
    users.write(uid, user, after, bind=new, also=also)
    return after


def free(
    users: UserTable,
    uid: str,
    user: User,
    faces: Faces,
    freed: Sequence[str],
    *,
    now: float,
    also: Actions = (),
) -> User:
    """Raises Conflict. `also`: what is to be committed with it."""
    gone = set(freed)
    left = tuple(face_id for face_id in user.face_ids if face_id not in gone)
    after = _with_faces(user, faces, left, now)
    users.write(uid, user, after, free=freed, also=also)
    return after


def remove_faces(
    faces: FaceTable, users: UserTable, uid: str, face_ids: Sequence[str], *, now: float
) -> list[str]:
    """Deletes faces, also those that users hold, and says which there were."""
    removed: list[str] = []
    for _ in range(_TRIES):
        removed += faces.remove(uid, face_ids)
        bound = faces.get_many(uid, [i for i in face_ids if i not in set(removed)])
        if not bound:
            return removed
        for user_id in sorted({face.user_id for face in bound.values() if face.user_id}):
            _let_go(faces, users, uid, user_id, bound, now)
    raise Conflict


def remove_user(users: UserTable, uid: str, user: User, *, now: float) -> None:
    """Frees its faces first. Raises Conflict."""
    # Without faces there is nothing to average: the vector goes with the first part.
    while user.face_ids:
        part = user.face_ids[:MOST_FACES_A_WRITE]
        left = user.face_ids[MOST_FACES_A_WRITE:]
        after = replace(user, version=next_version(user, now), face_ids=left)
        users.write(uid, user, after, free=part)
        user = after
    users.write(uid, user, User(user.id, next_version(user, now), deleted=True))


def next_version(before: User | None, now: float) -> int:
    """Higher than any before, those included of which the table has nothing left."""
    return max(int(now * 1000), before.version + 1 if before else 0)


def _let_go(
    faces: FaceTable, users: UserTable, uid: str, user_id: str, bound: Faces, now: float
) -> None:
    user = users.slot(uid, user_id)
    if user is None or user.deleted:
        return
    freed = [face_id for face_id in user.face_ids if face_id in bound]
    members = faces.get_many(uid, user.face_ids)
    try:
        while freed:
            user = free(users, uid, user, members, freed[:MOST_FACES_A_WRITE], now=now)
            freed = freed[MOST_FACES_A_WRITE:]
    except Conflict:
        return  # changed since it was read: the caller looks again


def _with_faces(user: User, faces: Faces, face_ids: tuple[str, ...], now: float) -> User:
    embeddings = [faces[face_id].embedding for face_id in face_ids]
    return replace(
        user,
        version=next_version(user, now),
        face_ids=face_ids,
        embedding=codec.mean(embeddings) if embeddings else b"",
    )
