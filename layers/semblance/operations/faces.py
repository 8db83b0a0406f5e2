"""IndexFaces, ListFaces, DeleteFaces."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from semblance.model.gallery import FACE_MODEL_VERSION, Collection, Face
from semblance.operations import images, paging
from semblance.protocol import wording
from semblance.service import Service, indexing, retention

if TYPE_CHECKING:
    from types_boto3_rekognition import type_defs as requests


def index_faces(service: Service, request: requests.IndexFacesRequestTypeDef) -> dict[str, Any]:
    """Finds the faces in a picture and stores them.

    QualityFilter is AUTO if you leave it out, which means MEDIUM. MaxFaces is 100, also if you ask
    for more; faces of low quality are dropped first, then the smallest. The same bytes with the
    same ExternalImageId give you the same FaceIds and store nothing new. A face that you have
    deleted comes back under a new FaceId.

    If you index several photos of one person, join their faces with CreateUser and AssociateFaces,
    and search with SearchUsersByImage: that is far more accurate
    ([accuracy.md](accuracy.md#several-photos-of-each-person)).
    """
    collection = service.searchable(request["CollectionId"])
    image = images.content(service, request["Image"])
    attributes = frozenset(request.get("DetectionAttributes", ()))
    options = indexing.IndexOptions(
        external_image_id=request.get("ExternalImageId"),
        max_faces=request.get("MaxFaces", indexing.MOST_FACES_INDEXED),
        quality_filter=request.get("QualityFilter", "AUTO"),
        judgements=wording.judged(attributes),
    )
    indexed = indexing.index_faces(service, collection, image, options)
    return wording.indexed_faces(*indexed, attributes)


def list_faces(service: Service, request: requests.ListFacesRequestTypeDef) -> dict[str, Any]:
    """Lists the faces of a collection in ascending order of FaceId.

    MaxResults is 1000 if you leave it out or send 0.
    """
    collection = service.collections.get(request["CollectionId"])
    user_id, face_ids = request.get("UserId"), request.get("FaceIds")
    wanted = _wanted(service, collection, face_ids, user_id)
    listing = paging.Listing("ListFaces", collection.uid, user_id or "", _digest(face_ids or ()))
    after = listing.start(request.get("NextToken"))
    limit = paging.page_size(request.get("MaxResults"))
    if wanted is None:
        since = collection.kept_since(service.clock())
        page, more = service.faces.page(collection.uid, after=after, limit=limit, since=since)
    else:
        found = service.faces.get_many(
            collection.uid, [face_id for face_id in wanted if after is None or face_id > after]
        )
        kept = retention.kept(service, collection, found)
        faces = sorted(kept.values(), key=lambda face: face.id)
        page, more = faces[:limit], len(faces) > limit
    return {
        "Faces": [wording.stored_face(face) for face in page],
        "FaceModelVersion": FACE_MODEL_VERSION,
        "NextToken": listing.token(page[-1].id) if more else None,
    }


def delete_faces(service: Service, request: requests.DeleteFacesRequestTypeDef) -> dict[str, Any]:
    """Deletes faces.

    A face that belongs to a user stays; the reply names it, and it also names each id that it
    cannot find. Neither is an error.
    """
    collection = service.collections.get(request["CollectionId"])
    wanted = list(dict.fromkeys(request["FaceIds"]))
    deleted = set(service.faces.remove(collection.uid, wanted))
    service.gallery.forget(collection.uid, deleted)
    service.collections.count(collection, faces=-len(deleted))
    left = [face_id for face_id in wanted if face_id not in deleted]
    held = service.faces.get_many(collection.uid, left)
    return {
        "DeletedFaces": [face_id for face_id in wanted if face_id in deleted],
        "UnsuccessfulFaceDeletions": [
            _why_not_deleted(face_id, held.get(face_id)) for face_id in left
        ],
    }


def _wanted(
    service: Service, collection: Collection, face_ids: Sequence[str] | None, user_id: str | None
) -> list[str] | None:
    """The ids that a listing is limited to, in order; None when it has no limit."""
    if user_id is None:
        return None if face_ids is None else sorted(set(face_ids))
    held = service.users.get(collection.uid, user_id).face_ids
    return sorted(set(held) if face_ids is None else set(held) & set(face_ids))


def _why_not_deleted(face_id: str, face: Face | None) -> dict[str, Any]:
    if face is None:
        return {"FaceId": face_id, "Reasons": ["FACE_NOT_FOUND"]}
    reasons = ["ASSOCIATED_TO_AN_EXISTING_USER"]
    return {"FaceId": face_id, "UserId": face.user_id, "Reasons": reasons}


def _digest(face_ids: Iterable[str]) -> str:
    return hashlib.sha256("".join(sorted(set(face_ids))).encode()).hexdigest()
