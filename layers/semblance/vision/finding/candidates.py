"""Candidates: detections with landmarks, which settle on a face and drift elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semblance.vision.face import landmarks
from semblance.vision.face.landmarks import Landmarker
from semblance.vision.finding.detections import Detection
from semblance.vision.picture.boxes import suppress
from semblance.vision.picture.geometry import Affine, Points
from semblance.vision.picture.picture import Picture

FIRST_DROP = 0.04
"""Offset of the first landmark crop below the centre of the box, in box heights."""
UNSETTLED = 0.1
"""Landmarks that move by more than this between two passes, in eye distances, get a third pass."""
SAME_FACE_IOU = 0.5
"""Detections that hardly overlap may be of one face. Their landmarks converge on it, so the boxes
drawn around the landmarks overlap by more than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    detection: Detection
    landmarks: Points
    """(68, 2)"""
    five: Points
    """(5, 2), from the 68, whatever points the detector has: faces are compared best when they
    are aligned by these."""
    shift: float
    """Distance of the five points between the first two passes, in eye distances."""
    quarter_turns: int

    @property
    def extent(self) -> NDArray[np.float64]:
        """(4,): the box around the landmarks, or the detector's for a face near profile."""
        if landmarks.is_near_profile(self.five):
            return self.detection.box
        return landmarks.face_box(self.landmarks, self.five)


def examine(
    landmarker: Landmarker, picture: Picture, detection: Detection, quarter_turns: int = 0
) -> Candidate:
    """Landmarks on a crop from the detection, then on one from these landmarks."""

    def look_again(five: Points) -> tuple[Points, Points]:
        crop = landmarks.crop_from(five, detection.box, quarter_turns)
        points = landmarker.locate(picture, crop)
        return points, landmarks.five_points(points)

    first_crop = _first_crop(detection, quarter_turns)
    first = landmarks.five_points(landmarker.locate(picture, first_crop))
    points, five = look_again(first)
    shift = landmarks.shift_between(first, five)
    if shift > UNSETTLED or quarter_turns:
        points, five = look_again(five)
    return Candidate(detection, points, five, shift, quarter_turns)


def without_duplicates(candidates: list[Candidate]) -> list[Candidate]:
    """Keeps, of the candidates whose landmarks converged on one face, the one with the highest
    detector score."""
    boxes = np.array([candidate.extent for candidate in candidates]).reshape(-1, 4)
    scores = np.array([candidate.detection.score for candidate in candidates])
    return [candidates[i] for i in suppress(boxes, scores, SAME_FACE_IOU)]


def _first_crop(detection: Detection, quarter_turns: int) -> Affine:
    """From the detector's own points where it has them. They are of no use on a turned face, nor
    near profile."""
    five = detection.five
    if five is None or quarter_turns or landmarks.is_near_profile(five):
        return landmarks.crop_around(detection.box, FIRST_DROP, quarter_turns)
    return landmarks.crop_from(five, detection.box)
