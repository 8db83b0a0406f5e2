"""SearchFaces, SearchFacesByImage, and the search that they share."""

from typing import Any

import numpy as np

from semblance import errors
from semblance.embedding import codec
from semblance.embedding.codec import Embeddings
from semblance.model.detected import DetectedFace
from semblance.model.gallery import FACE_MODEL_VERSION, Collection, Face, Match
from semblance.operations import images
from semblance.protocol import wording
from semblance.service import Service, retention

DEFAULT_THRESHOLD = 80
DEFAULT_MAX_FACES = 80
NO_FACES = "There are no faces in the image. Should be at least 1."


def search_faces(service: Service, request: dict[str, Any]) -> dict[str, Any]:
    """Searches the collection with one of its faces, which is left out of the matches.

    FaceMatchThreshold is 80 if you leave it out, and inclusive. MaxFaces is 80.
    """
    collection = service.searchable(request["CollectionId"])
    face = known_face(service, collection, request["FaceId"])
    probe = codec.unpack(face.embedding)[0]
    matches = matches_of(service, collection, probe, request, without=face.id)
    return {
        "SearchedFaceId": face.id,
        "FaceMatches": [wording.face_match(match) for match in matches],
        "FaceModelVersion": FACE_MODEL_VERSION,
    }


def search_faces_by_image(service: Service, request: dict[str, Any]) -> dict[str, Any]:
    """Searches the collection with the largest face of a picture that passes QualityFilter (NONE
    if you leave it out). FaceMatchThreshold is 80 if you leave it out, and inclusive. MaxFaces
    is 80. If there is no such face, you get InvalidParameterException.
    """
    collection = service.searchable(request["CollectionId"])
    image = images.content(service, request["Image"])
    face = largest_face(service, image, request.get("QualityFilter", "NONE"))
    if face is None:
        raise errors.InvalidParameterException(NO_FACES)
    matches = matches_of(service, collection, face.embedding, request)
    return {
        "SearchedFaceBoundingBox": wording.bounding_box(face.box),
        "SearchedFaceConfidence": face.confidence,
        "FaceMatches": [wording.face_match(match) for match in matches],
        "FaceModelVersion": FACE_MODEL_VERSION,
    }


def known_face(service: Service, collection: Collection, face_id: str) -> Face:
    stored = service.faces.get_many(collection.uid, [face_id])
    face = retention.kept(service, collection, stored).get(face_id)
    if face is None:
        raise errors.InvalidParameterException("faceId was not found in the collection.")
    return face


def matches_of(
    service: Service,
    collection: Collection,
    probe: Embeddings,
    request: dict[str, Any],
    *,
    without: str | None = None,
) -> list[Match]:
    """The faces as similar as FaceMatchThreshold asks, best first, MaxFaces at the most.

    The gallery proposes; the stored embeddings, read with the metadata, decide. So a similarity
    is exact, and a face that was deleted a moment ago is not in the table and not reported, nor
    is one that has become too old.
    """
    threshold = request.get("FaceMatchThreshold", DEFAULT_THRESHOLD)
    limit = request.get("MaxFaces", DEFAULT_MAX_FACES)
    floor = service.similarity.least_cosine(threshold)
    hidden = int(without is not None)
    while True:
        candidates = service.gallery.candidates(
            collection.uid, probe, floor=floor, limit=limit + hidden
        )
        wanted = [face_id for face_id, _ in candidates]
        stored = service.faces.get_many(collection.uid, wanted)
        found = retention.kept(service, collection, stored)
        found.pop(without or "", None)
        if len(stored) < len(wanted):
            service.gallery.forget(collection.uid, set(wanted) - stored.keys())
        elif len(stored) - len(found) <= hidden:
            break
        else:  # the old ones that are yet to be erased have taken the places of others
            hidden = max(2 * hidden, len(stored) - len(found))
    scores = similarities(service, probe, [face.embedding for face in found.values()])
    matches = [Match(face, score) for face, score in zip(found.values(), scores, strict=True)]
    matches.sort(key=lambda match: (-match.similarity, match.face.id))
    return [match for match in matches if reaches(match.similarity, threshold)][:limit]


def similarities(service: Service, probe: Embeddings, embeddings: list[bytes]) -> list[float]:
    """Of stored embeddings to the probe, exactly."""
    if not embeddings:
        return []
    gallery = codec.unpack(b"".join(embeddings))
    return [float(each) for each in service.similarity.similarities(gallery @ probe)]


def reaches(similarity: float, threshold: float) -> bool:
    """Inclusive, and in float32, which is what a threshold is on the wire."""
    return bool(similarity >= np.float32(threshold))


def largest_face(service: Service, image: bytes, quality_filter: str) -> DetectedFace | None:
    """The largest of those that pass the filter. Others are looked for when the largest does not,
    for finding it alone is several times faster."""
    faces = service.engine.find_faces(image, largest_only=True)
    if faces and service.engine.quality_reasons(faces[0], quality_filter):
        faces = service.engine.find_faces(image)
    passing = (face for face in faces if not service.engine.quality_reasons(face, quality_filter))
    return next(passing, None)
