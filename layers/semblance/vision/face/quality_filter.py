"""QualityFilter: Rekognition's reasons for which a face is dropped."""

from __future__ import annotations

from collections.abc import Mapping

from semblance.model.detected import DetectedFace
from semblance.vision.packs.specs import QualityLevel

NO_FILTER = "NONE"
AUTO_LEVEL = "MEDIUM"


def reasons(
    face: DetectedFace, quality_filter: str, levels: Mapping[str, QualityLevel]
) -> tuple[str, ...]:
    """`quality_filter`: NONE, AUTO or one of the levels. Empty when the face is kept."""
    if quality_filter == NO_FILTER:
        return ()
    level = levels[AUTO_LEVEL if quality_filter == "AUTO" else quality_filter]
    return tuple(reason for reason, failed in _checks(face, level).items() if failed)


def _checks(face: DetectedFace, level: QualityLevel) -> dict[str, bool]:
    darkest = level.brightness[0] if level.brightness else 0.0
    brightest = level.brightness[1] if level.brightness else 100.0
    return {
        "EXTREME_POSE": level.yaw_proxy is not None and abs(face.yaw_proxy) > level.yaw_proxy,
        "LOW_BRIGHTNESS": face.quality.brightness < darkest,
        "LOW_SHARPNESS": face.quality.sharpness < level.sharpness,
        "LOW_CONFIDENCE": face.confidence < level.confidence,
        "SMALL_BOUNDING_BOX": face.height_px < level.height_px,
        # Rekognition has no reason for too bright a face; overexposure is low quality.
        "LOW_FACE_QUALITY": not _is_face(face, level) or face.quality.brightness > brightest,
    }


def _is_face(face: DetectedFace, level: QualityLevel) -> bool:
    """A high norm, or a lower one with landmarks that settle at once in a clear detection: in
    sunglasses or against the light the norm falls; on a dog or a fruit landmarks drift."""
    return any(
        face.confidence >= rule.confidence
        and face.judged.norm >= rule.norm
        and face.shift < rule.shift
        for rule in level.faces
    )
