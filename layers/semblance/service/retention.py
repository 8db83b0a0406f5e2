"""How long the faces of a collection are kept: the days that its tag says, or for ever.

A face past its retention stops existing for every operation at that moment; the maintenance job
erases it later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from semblance import errors
from semblance.embedding.codec import mean
from semblance.model.gallery import MOST_RETENTION_DAYS, RETENTION_TAG, Collection, Face, User
from semblance.service import Service
from semblance.stores import associations


def check(tags: Mapping[str, str]) -> None:
    """Raises InvalidParameterException when the tag is present and not a valid number of days."""
    days = tags.get(RETENTION_TAG, "1")
    if not (days.isascii() and days.isdigit() and 1 <= int(days) <= MOST_RETENTION_DAYS):
        raise errors.InvalidParameterException(
            f"The tag {RETENTION_TAG} has to be a whole number of days "
            f"from 1 to {MOST_RETENTION_DAYS}"
        )


def kept(service: Service, collection: Collection, faces: Mapping[str, Face]) -> dict[str, Face]:
    """The faces that are not past their retention, by id."""
    since = collection.kept_since(service.clock())
    return {face_id: face for face_id, face in faces.items() if face.indexed_at >= since}


def users_kept(
    service: Service, collection: Collection, users: Mapping[str, User]
) -> dict[str, User]:
    """The users as they will be once the maintenance job has erased their faces past the
    retention. A user without any other face is left out."""
    if not collection.kept_since(service.clock()):
        return dict(users)
    held = {face_id for user in users.values() for face_id in user.face_ids}
    faces = kept(service, collection, service.faces.get_many(collection.uid, held))
    left = {}
    for user in users.values():
        face_ids = tuple(face_id for face_id in user.face_ids if face_id in faces)
        if face_ids:
            embedding = mean([faces[face_id].embedding for face_id in face_ids])
            left[user.id] = replace(user, face_ids=face_ids, embedding=embedding)
    return left


def make_way(service: Service, collection: Collection, face_ids: Sequence[str]) -> None:
    """Erases those of the faces that are past their retention, so that they can be indexed
    anew."""
    since = collection.kept_since(service.clock())
    if not since:
        return
    standing = service.faces.get_many(collection.uid, face_ids)
    expired = [face_id for face_id, face in standing.items() if face.indexed_at < since]
    now = service.clock()
    removed = associations.remove_faces(service.faces, service.users, collection, expired, now=now)
    service.gallery.forget(collection.uid, removed)
    service.collections.count(collection, faces=-len(removed))
