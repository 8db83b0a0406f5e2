"""How long the faces of a collection are kept: the days that its tag says, or for ever.

A face that is older stops to exist for every operation at that moment; the compactor erases it.
"""

from collections.abc import Mapping, Sequence

from semblance import errors
from semblance.model.gallery import MOST_RETENTION_DAYS, RETENTION_TAG, Collection, Face
from semblance.service import Service
from semblance.stores import associations


def check(tags: Mapping[str, str]) -> None:
    """Raises InvalidParameterException when the days are none."""
    days = tags.get(RETENTION_TAG, "1")
    if not (days.isascii() and days.isdigit() and 1 <= int(days) <= MOST_RETENTION_DAYS):
        raise errors.InvalidParameterException(
            f"The tag {RETENTION_TAG} has to be a whole number of days "
            f"from 1 to {MOST_RETENTION_DAYS}"
        )


def kept(service: Service, collection: Collection, faces: Mapping[str, Face]) -> dict[str, Face]:
    """Those that are not too old."""
    since = collection.kept_since(service.clock())
    return {face_id: face for face_id, face in faces.items() if face.indexed_at >= since}


def make_way(service: Service, collection: Collection, face_ids: Sequence[str]) -> None:
    """Erases those that are too old, so that the same faces can be indexed anew."""
    since = collection.kept_since(service.clock())
    if not since:
        return
    standing = service.faces.get_many(collection.uid, face_ids)
    old = [face_id for face_id, face in standing.items() if face.indexed_at < since]
    now = service.clock()
    removed = associations.remove_faces(service.faces, service.users, collection.uid, old, now=now)
    service.gallery.forget(collection.uid, removed)
    service.collections.count(collection, faces=-len(removed))
