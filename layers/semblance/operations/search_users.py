"""SearchUsers, SearchUsersByImage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from semblance import errors
from semblance.embedding.codec import unpack
from semblance.model.detected import DetectedFace
from semblance.model.gallery import FACE_MODEL_VERSION, Collection, UserMatch
from semblance.operations import images, search
from semblance.protocol import wording
from semblance.service import Service, retention, searching

if TYPE_CHECKING:
    from types_boto3_rekognition import type_defs as requests


def search_users(service: Service, request: requests.SearchUsersRequestTypeDef) -> dict[str, Any]:
    """Searches the users of a collection by FaceId or UserId: send one of them.

    UserMatchThreshold is 80 if you leave it out, and inclusive. MaxUsers is 80. A user is compared
    by the normalised mean of the embeddings of its faces; the searched user is left out.
    """
    collection = service.searchable(request["CollectionId"])
    if ("FaceId" in request) == ("UserId" in request):
        raise errors.InvalidParameterException("Either FaceId or UserId has to be given")
    threshold = request.get("UserMatchThreshold", searching.DEFAULT_THRESHOLD)
    limit = request.get("MaxUsers", searching.DEFAULT_LIMIT)
    if "UserId" in request:
        matches = _like_user(service, collection, request["UserId"], threshold, limit)
        return _reply(matches) | {"SearchedUser": {"UserId": request["UserId"]}}
    face = search.known_face(service, collection, request["FaceId"])
    probe = unpack([face.embedding])[0]
    matches = searching.matching_users(service, collection, probe, threshold=threshold, limit=limit)
    return _reply(matches) | {"SearchedFace": {"FaceId": face.id}}


def search_users_by_image(
    service: Service, request: requests.SearchUsersByImageRequestTypeDef
) -> dict[str, Any]:
    """Works like SearchUsers, with the largest face of a picture that passes QualityFilter (NONE
    if you leave it out). If there is no such face, the reply is empty; that is no error.

    If you have several photos of each person, this search is the most accurate
    ([accuracy.md](accuracy.md#several-photos-of-each-person)).
    """
    collection = service.searchable(request["CollectionId"])
    image = images.content(service, request["Image"])
    searched, unsearched = _largest(service, image, request.get("QualityFilter", "NONE"))
    matches = []
    if searched is not None:
        matches = searching.matching_users(
            service,
            collection,
            service.engine.embed([searched])[0],
            threshold=request.get("UserMatchThreshold", searching.DEFAULT_THRESHOLD),
            limit=request.get("MaxUsers", searching.DEFAULT_LIMIT),
        )
    return _reply(matches) | {
        "SearchedFace": searched and {"FaceDetail": wording.face_detail(searched)},
        "UnsearchedFaces": [
            {"FaceDetails": wording.face_detail(face), "Reasons": list(reasons)}
            for face, reasons in unsearched
        ],
    }


def _like_user(
    service: Service, collection: Collection, user_id: str, threshold: float, limit: int
) -> list[UserMatch]:
    user = service.users.get(collection.uid, user_id)
    users = {user.id: user} if user.face_ids else {}
    kept = retention.users_kept(service, collection, users)
    if not kept:
        return []
    probe = unpack([kept[user.id].embedding])[0]
    return searching.matching_users(
        service, collection, probe, threshold=threshold, limit=limit, without=user.id
    )


def _largest(
    service: Service, image: bytes, quality_filter: str
) -> tuple[DetectedFace | None, list[tuple[DetectedFace, tuple[str, ...]]]]:
    """The largest face that passes the filter, and the others with the reasons."""
    searched = None
    unsearched = []
    for face in service.engine.find_faces(image):
        reasons = service.engine.quality_reasons(face, quality_filter)
        if searched is None and not reasons:
            searched = face
        else:
            unsearched.append((face, reasons or ("FACE_NOT_LARGEST",)))
    return searched, unsearched


def _reply(matches: list[UserMatch]) -> dict[str, Any]:
    return {
        "UserMatches": [
            {
                "Similarity": match.similarity,
                "User": {"UserId": match.user.id, "UserStatus": match.user.status},
            }
            for match in matches
        ],
        "FaceModelVersion": FACE_MODEL_VERSION,
    }
