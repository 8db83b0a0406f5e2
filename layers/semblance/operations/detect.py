"""DetectFaces and CompareFaces: pictures alone, nothing stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from semblance import errors
from semblance.model.detected import DetectedFace
from semblance.operations import images
from semblance.protocol import wording
from semblance.service import Service, searching

if TYPE_CHECKING:
    from types_boto3_rekognition import type_defs as requests

MOST_FACES = 100


def detect_faces(service: Service, request: requests.DetectFacesRequestTypeDef) -> dict[str, Any]:
    """Describes the faces in a picture: at most 100, the largest first."""
    image = images.content(service, request["Image"])
    attributes = frozenset(request.get("Attributes", ()))
    found = service.engine.find_faces(image, attributes=wording.judged(attributes))
    return {"FaceDetails": [wording.face_detail(face, attributes) for face in found[:MOST_FACES]]}


def compare_faces(service: Service, request: requests.CompareFacesRequestTypeDef) -> dict[str, Any]:
    """Compares the largest face of the source with up to 100 faces of the target.

    SimilarityThreshold is 80 if you leave it out, and inclusive. QualityFilter is NONE if you leave
    it out; a face that it drops is in neither list. If there is no face on either side, you get
    InvalidParameterException. The Bytes of both images share the limit of one call: about 4.4 MB
    with `auth=iam`, 3.3 MB with `auth=keys`.
    """
    quality_filter = request.get("QualityFilter", "NONE")
    threshold = request.get("SimilarityThreshold", searching.DEFAULT_THRESHOLD)
    source_image = images.content(service, request["SourceImage"])
    target_image = images.content(service, request["TargetImage"])
    source = searching.largest_face(service, source_image, quality_filter)
    targets = _usable(service, target_image, quality_filter)
    if source is None or not targets:
        raise errors.InvalidParameterException
    probe, *embeddings = service.engine.embed([source, *targets])
    cosines = np.stack(embeddings) @ probe
    scores = [float(score) for score in service.similarity.similarities(cosines)]
    compared = sorted(zip(scores, targets, strict=True), key=lambda pair: -pair[0])
    return {
        "SourceImageFace": {
            "BoundingBox": wording.bounding_box(source.box),
            "Confidence": source.confidence,
        },
        "FaceMatches": [
            {"Similarity": score, "Face": wording.face_detail(face)}
            for score, face in compared
            if searching.reaches(score, threshold)
        ],
        "UnmatchedFaces": [
            wording.face_detail(face)
            for score, face in compared
            if not searching.reaches(score, threshold)
        ],
    }


def _usable(service: Service, image: bytes, quality_filter: str) -> list[DetectedFace]:
    found = service.engine.find_faces(image)[:MOST_FACES]
    return [face for face in found if not service.engine.quality_reasons(face, quality_filter)]
