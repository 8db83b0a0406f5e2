"""SearchUsers, SearchUsersByImage."""

from dataclasses import replace
from typing import Any

from semblance import errors
from semblance.embedding import codec
from semblance.embedding.codec import Embeddings
from semblance.model.detected import DetectedFace
from semblance.model.gallery import FACE_MODEL_VERSION, Collection, User, UserMatch
from semblance.operations import images, search
from semblance.protocol import wording
from semblance.service import Service, retention

DEFAULT_THRESHOLD = 80
DEFAULT_MAX_USERS = 80


def search_users(service: Service, request: dict[str, Any]) -> dict[str, Any]:
    """Searches the users of a collection by FaceId or UserId: send one of them.

    UserMatchThreshold is 80 if you leave it out, and inclusive. MaxUsers is 80. A user is compared
    by the normalised mean of the embeddings of its faces; the searched user is left out.
    """
    collection = service.searchable(request["CollectionId"])
    if ("FaceId" in request) == ("UserId" in request):
        raise errors.InvalidParameterException("Either FaceId or UserId has to be given")
    if "UserId" in request:
        return _search_with_user(service, collection, request)
    face = search.known_face(service, collection, request["FaceId"])
    matches = _matches(service, collection, codec.unpack(face.embedding)[0], request)
    return _reply(matches) | {"SearchedFace": {"FaceId": face.id}}


def search_users_by_image(service: Service, request: dict[str, Any]) -> dict[str, Any]:
    """Works like SearchUsers, with the largest face of a picture that passes QualityFilter (NONE
    if you leave it out). If there is no such face, the reply is empty; that is no error.
    """
    collection = service.searchable(request["CollectionId"])
    image = images.content(service, request["Image"])
    searched, unsearched = _largest(service, image, request.get("QualityFilter", "NONE"))
    matches = []
    if searched is not None:
        matches = _matches(service, collection, searched.embedding, request)
    return _reply(matches) | {
        "SearchedFace": searched and {"FaceDetail": wording.face_detail(searched)},
        "UnsearchedFaces": [
            {"FaceDetails": wording.face_detail(face), "Reasons": list(reasons)}
            for face, reasons in unsearched
        ],
    }


def _search_with_user(
    service: Service, collection: Collection, request: dict[str, Any]
) -> dict[str, Any]:
    user = service.users.get(collection.uid, request["UserId"])
    living = _without_old_faces(service, collection, {user.id: user} if user.face_ids else {})
    matches = []
    if living:
        probe = codec.unpack(living[user.id].embedding)[0]
        matches = _matches(service, collection, probe, request, without=user.id)
    return _reply(matches) | {"SearchedUser": {"UserId": user.id}}


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


def _matches(
    service: Service,
    collection: Collection,
    probe: Embeddings,
    request: dict[str, Any],
    *,
    without: str | None = None,
) -> list[UserMatch]:
    """As for faces: the gallery proposes, what is stored decides."""
    threshold = request.get("UserMatchThreshold", DEFAULT_THRESHOLD)
    limit = request.get("MaxUsers", DEFAULT_MAX_USERS)
    candidates = service.gallery.user_candidates(
        collection.uid,
        probe,
        floor=service.similarity.least_cosine(threshold),
        limit=limit + (without is not None),
    )
    stored = service.users.get_many(
        collection.uid, [user_id for user_id, _ in candidates if user_id != without]
    )
    users = _without_old_faces(service, collection, stored)
    scores = search.similarities(service, probe, [user.embedding for user in users.values()])
    matches = [UserMatch(user, score) for user, score in zip(users.values(), scores, strict=True)]
    matches.sort(key=lambda match: (-match.similarity, match.user.id))
    return [match for match in matches if search.reaches(match.similarity, threshold)][:limit]


def _without_old_faces(
    service: Service, collection: Collection, users: dict[str, User]
) -> dict[str, User]:
    """As they are once the compactor has erased what is too old; without faces they are none."""
    if not collection.kept_since(service.clock()):
        return users
    bound = {face_id for user in users.values() for face_id in user.face_ids}
    faces = retention.kept(service, collection, service.faces.get_many(collection.uid, bound))
    living = {}
    for user in users.values():
        left = tuple(face_id for face_id in user.face_ids if face_id in faces)
        if left:
            shared = codec.mean(b"".join(faces[face_id].embedding for face_id in left))
            living[user.id] = replace(user, face_ids=left, embedding=shared)
    return living


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
