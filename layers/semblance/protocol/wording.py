"""Formats faces as Rekognition's shapes: Face, FaceMatch, FaceDetail, BoundingBox."""

from collections.abc import Collection, Iterable
from typing import Any

from semblance.model.detected import Box, DetectedFace, Judgement
from semblance.model.gallery import FACE_MODEL_VERSION, Face, Match

JUDGEMENTS = {"SMILE": "Smile", "MOUTH_OPEN": "MouthOpen", "EYES_OPEN": "EyesOpen"}
"""Attribute names in requests to member names in replies."""
DEFAULT_LANDMARKS = ("eyeLeft", "eyeRight", "mouthLeft", "mouthRight", "nose")


def bounding_box(box: Box) -> dict[str, float]:
    return {"Width": box.width, "Height": box.height, "Left": box.left, "Top": box.top}


def stored_face(face: Face) -> dict[str, Any]:
    return _without_nones(
        {
            "FaceId": face.id,
            "BoundingBox": bounding_box(face.box),
            "ImageId": face.image_id,
            "ExternalImageId": face.external_image_id,
            "Confidence": face.confidence,
            "IndexFacesModelVersion": FACE_MODEL_VERSION,
            "UserId": face.user_id,
        }
    )


def face_match(match: Match) -> dict[str, Any]:
    return {"Similarity": match.similarity, "Face": stored_face(match.face)}


def indexed_faces(
    faces: Iterable[Face],
    detected: Iterable[DetectedFace],
    unindexed: Iterable[tuple[DetectedFace, tuple[str, ...]]],
    attributes: Collection[str] = (),
) -> dict[str, Any]:
    """The reply of IndexFaces, `detected` in the order of `faces`."""
    return {
        "FaceRecords": [
            {"Face": stored_face(face), "FaceDetail": face_detail(found, attributes)}
            for face, found in zip(faces, detected, strict=True)
        ],
        "UnindexedFaces": [
            {"Reasons": list(reasons), "FaceDetail": face_detail(face, attributes)}
            for face, reasons in unindexed
        ],
        "FaceModelVersion": FACE_MODEL_VERSION,
    }


def judged(attributes: Collection[str]) -> frozenset[str]:
    """The attributes that an engine must judge for a request's `Attributes`."""
    return frozenset(JUDGEMENTS if "ALL" in attributes else JUDGEMENTS.keys() & set(attributes))


def face_detail(face: DetectedFace, attributes: Collection[str] = ()) -> dict[str, Any]:
    """The members of DEFAULT, and those of `attributes` that the engine could judge."""
    landmarks = face.landmarks if "ALL" in attributes else DEFAULT_LANDMARKS
    return {
        "BoundingBox": bounding_box(face.box),
        "Landmarks": [
            {"Type": name, "X": face.landmarks[name][0], "Y": face.landmarks[name][1]}
            for name in landmarks
        ],
        "Pose": {"Roll": face.pose.roll, "Yaw": face.pose.yaw, "Pitch": face.pose.pitch},
        "Quality": {"Brightness": face.quality.brightness, "Sharpness": face.quality.sharpness},
        "Confidence": face.confidence,
        **_without_nones(
            {
                JUDGEMENTS[name]: _judgement(value)
                for name, value in _judgements(face).items()
                if name in judged(attributes)
            }
        ),
    }


def _without_nones(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _judgements(face: DetectedFace) -> dict[str, Judgement | None]:
    return {"SMILE": face.smile, "MOUTH_OPEN": face.mouth_open, "EYES_OPEN": face.eyes_open}


def _judgement(judgement: Judgement | None) -> dict[str, Any] | None:
    if judgement is None:
        return None
    return {"Value": judgement.value, "Confidence": judgement.confidence}
