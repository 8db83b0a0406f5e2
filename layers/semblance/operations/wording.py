"""Faces in Rekognition's words: Face, FaceDetail, BoundingBox and their members."""

from typing import Any

from semblance.model import FACE_MODEL_VERSION, Box, DetectedFace, Face, Match

DEFAULT_LANDMARKS = ("eyeLeft", "eyeRight", "mouthLeft", "mouthRight", "nose")


def bounding_box(box: Box) -> dict[str, float]:
    return {"Width": box.width, "Height": box.height, "Left": box.left, "Top": box.top}


def stored_face(face: Face) -> dict[str, Any]:
    return {
        "FaceId": face.id,
        "BoundingBox": bounding_box(face.box),
        "ImageId": face.image_id,
        "ExternalImageId": face.external_image_id,
        "Confidence": face.confidence,
        "IndexFacesModelVersion": FACE_MODEL_VERSION,
        "UserId": face.user_id,
    }


def face_match(match: Match) -> dict[str, Any]:
    return {"Similarity": match.similarity, "Face": stored_face(match.face)}


def face_detail(face: DetectedFace) -> dict[str, Any]:
    """The attributes that DEFAULT means."""
    return {
        "BoundingBox": bounding_box(face.box),
        "Landmarks": [
            {"Type": name, "X": face.landmarks[name][0], "Y": face.landmarks[name][1]}
            for name in DEFAULT_LANDMARKS
        ],
        "Pose": {"Roll": face.pose.roll, "Yaw": face.pose.yaw, "Pitch": face.pose.pitch},
        "Quality": {"Brightness": face.quality.brightness, "Sharpness": face.quality.sharpness},
        "Confidence": face.confidence,
    }
