"""IndexFaces, ListFaces, DeleteFaces."""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from semblance.embedding import codec
from semblance.model import ids
from semblance.model.detected import Box, DetectedFace
from semblance.model.gallery import FACE_MODEL_VERSION, Collection, Face
from semblance.operations import images, paging
from semblance.protocol import wording
from semblance.service import Service, retention

MOST_FACES_INDEXED = 100
"""Of one picture. A larger MaxFaces is accepted and means this."""
_STORED_DECIMALS = 6


class Unindexed(NamedTuple):
    face: DetectedFace
    reasons: tuple[str, ...]


def index_faces(service: Service, request: dict[str, Any]) -> dict[str, Any]:
    """Finds the faces in a picture and stores them.

    QualityFilter is AUTO if you leave it out, which means MEDIUM. MaxFaces is 100, also if you ask
    for more; faces of low quality are dropped first, then the smallest. The same bytes with the
    same ExternalImageId give you the same FaceIds and store nothing new. A face that you have
    deleted comes back under a new FaceId.
    """
    collection = service.searchable(request["CollectionId"])
    image = images.content(service, request["Image"])
    attributes = frozenset(request.get("DetectionAttributes", ()))
    chosen, unindexed = _choose(service, request, image, wording.judged(attributes))
    image_id = ids.image_id(image)
    faces = [
        _to_face(service, detected, collection.uid, image_id, request.get("ExternalImageId"))
        for detected in chosen
    ]
    retention.make_way(service, collection, [face.id for face in faces])
    stored = service.faces.add(collection.uid, faces)
    service.collections.count(collection, faces=stored.new)
    return {
        "FaceRecords": [
            {
                "Face": wording.stored_face(face),
                "FaceDetail": wording.face_detail(detected, attributes),
            }
            for face, detected in zip(stored.faces, chosen, strict=True)
        ],
        "UnindexedFaces": [
            {"Reasons": list(reasons), "FaceDetail": wording.face_detail(face, attributes)}
            for face, reasons in unindexed
        ],
        "FaceModelVersion": FACE_MODEL_VERSION,
    }


def list_faces(service: Service, request: dict[str, Any]) -> dict[str, Any]:
    """Lists the faces of a collection in ascending order of FaceId.

    MaxResults is 1000 if you leave it out or send 0.
    """
    collection = service.collections.get(request["CollectionId"])
    user_id = request.get("UserId")
    wanted = _wanted(service, collection, request.get("FaceIds"), user_id)
    listing = paging.Listing(
        "ListFaces", collection.uid, user_id or "", _digest(request.get("FaceIds", ()))
    )
    after, limit = listing.start(request), paging.page_size(request)
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


def _wanted(
    service: Service, collection: Collection, face_ids: list[str] | None, user_id: str | None
) -> list[str] | None:
    """The ids that a listing is limited to, in order; None when it is not."""
    if user_id is None:
        return None if face_ids is None else sorted(set(face_ids))
    bound = service.users.get(collection.uid, user_id).face_ids
    return sorted(set(bound) if face_ids is None else set(bound) & set(face_ids))


def delete_faces(service: Service, request: dict[str, Any]) -> dict[str, Any]:
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
    bound = service.faces.get_many(collection.uid, left)
    return {
        "DeletedFaces": [face_id for face_id in wanted if face_id in deleted],
        "UnsuccessfulFaceDeletions": [
            _why_not_deleted(face_id, bound.get(face_id)) for face_id in left
        ],
    }


def _choose(
    service: Service, request: dict[str, Any], image: bytes, judged: frozenset[str]
) -> tuple[list[DetectedFace], list[Unindexed]]:
    """The faces to index, largest first, and the others with the reasons."""
    quality_filter = request.get("QualityFilter", "AUTO")
    passed: list[DetectedFace] = []
    unindexed: list[Unindexed] = []
    for face in service.engine.find_faces(image, attributes=judged):
        reasons = service.engine.quality_reasons(face, quality_filter)
        if reasons:
            unindexed.append(Unindexed(face, reasons))
        else:
            passed.append(face)
    limit = min(request.get("MaxFaces", MOST_FACES_INDEXED), MOST_FACES_INDEXED)
    kept = _best(service, passed, limit)
    surplus = [Unindexed(face, ("EXCEEDS_MAX_FACES",)) for face in passed if face not in kept]
    return kept, surplus + unindexed


def _best(service: Service, faces: list[DetectedFace], limit: int) -> list[DetectedFace]:
    """Of too many, those of low quality go first, then the smallest."""
    poor = [bool(service.engine.quality_reasons(face, "AUTO")) for face in faces]
    best = sorted(range(len(faces)), key=lambda place: (poor[place], place))[:limit]
    return [faces[place] for place in sorted(best)]


def _to_face(
    service: Service,
    detected: DetectedFace,
    uid: str,
    image_id: str,
    external_image_id: str | None,
) -> Face:
    box = detected.box
    edges = (box.left, box.top, box.width, box.height)
    return Face(
        id=ids.face_id(uid, image_id, external_image_id, box),
        image_id=image_id,
        box=Box(*(round(float(edge), _STORED_DECIMALS) for edge in edges)),
        confidence=round(float(detected.confidence), _STORED_DECIMALS),
        embedding=codec.pack(detected.embedding),
        indexed_at=service.clock(),
        external_image_id=external_image_id,
    )


def _why_not_deleted(face_id: str, face: Face | None) -> dict[str, Any]:
    if face is None:
        return {"FaceId": face_id, "Reasons": ["FACE_NOT_FOUND"]}
    reasons = ["ASSOCIATED_TO_AN_EXISTING_USER"]
    return {"FaceId": face_id, "UserId": face.user_id, "Reasons": reasons}


def _digest(face_ids: Iterable[str]) -> str:
    return hashlib.sha256("".join(sorted(set(face_ids))).encode()).hexdigest()
