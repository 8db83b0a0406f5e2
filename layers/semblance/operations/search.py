"""SearchFaces, SearchFacesByImage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from semblance import errors
from semblance.contract.layout import NO_FACES
from semblance.embedding.codec import unpack
from semblance.model.gallery import FACE_MODEL_VERSION, Collection, Face
from semblance.operations import images
from semblance.protocol import wording
from semblance.service import Service, retention, searching

if TYPE_CHECKING:
    from types_boto3_rekognition import type_defs as requests


def search_faces(service: Service, request: requests.SearchFacesRequestTypeDef) -> dict[str, Any]:
    """Searches the collection with one of its faces, which is left out of the matches.

    FaceMatchThreshold is 80 if you leave it out, and inclusive. MaxFaces is 80.
    """
    collection = service.searchable(request["CollectionId"])
    face = known_face(service, collection, request["FaceId"])
    matches = searching.matching_faces(
        service,
        collection,
        unpack([face.embedding])[0],
        threshold=request.get("FaceMatchThreshold", searching.DEFAULT_THRESHOLD),
        limit=request.get("MaxFaces", searching.DEFAULT_LIMIT),
        without=face.id,
    )
    return {
        "SearchedFaceId": face.id,
        "FaceMatches": [wording.face_match(match) for match in matches],
        "FaceModelVersion": FACE_MODEL_VERSION,
    }


def search_faces_by_image(
    service: Service, request: requests.SearchFacesByImageRequestTypeDef
) -> dict[str, Any]:
    """Searches the collection with the largest face of a picture that passes QualityFilter (NONE
    if you leave it out). FaceMatchThreshold is 80 if you leave it out, and inclusive. MaxFaces
    is 80. If there is no such face, you get InvalidParameterException.
    """
    collection = service.searchable(request["CollectionId"])
    image = images.content(service, request["Image"])
    face = searching.largest_face(service, image, request.get("QualityFilter", "NONE"))
    if face is None:
        raise errors.InvalidParameterException(NO_FACES)
    matches = searching.matching_faces(
        service,
        collection,
        service.engine.embed([face])[0],
        threshold=request.get("FaceMatchThreshold", searching.DEFAULT_THRESHOLD),
        limit=request.get("MaxFaces", searching.DEFAULT_LIMIT),
    )
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
