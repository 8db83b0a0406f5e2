"""Finds faces with the RFB detector, whose detections landmarks and judge must confirm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from semblance.vision.face import landmarks
from semblance.vision.face.found import FoundFace
from semblance.vision.face.judge import Judge
from semblance.vision.face.landmarks import Landmarker
from semblance.vision.finding.finder import QUARTER_TURNS
from semblance.vision.finding.largest import clearly_largest, is_whole
from semblance.vision.finding.rfb_detector import RfbDetector
from semblance.vision.finding.spread import Spread
from semblance.vision.packs.specs import DetectorSpec
from semblance.vision.picture.boxes import Boxes, areas, intersections, suppress, visible_area
from semblance.vision.picture.geometry import Points
from semblance.vision.picture.picture import Picture, PictureSource
from semblance.vision.picture.scales import (
    GALLERY_PX,
    PROBE_PX,
    detection_scale,
    embedding_scale,
    quick_look_scale,
)

FIRST_DROP = 0.04
"""Offset of the first landmark crop below the centre of the box, in box heights."""
UNSETTLED = 0.1
"""Landmarks that move by more than this between two passes, in eye distances, get a third pass."""
SAME_FACE_IOU = 0.5
"""Detections that hardly overlap may be of one face. Their landmarks converge on it, so the boxes
drawn around the landmarks overlap by more than this."""
PART_INSIDE = 0.7
PART_AREA = 0.1
"""In a face that fills the picture, parts look like faces too: boxes with more than 0.7 of their
area inside the larger face's box and more than 0.1 of its area. A smaller box may well be a face
in front of a larger one, for example of a poster."""


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """The detector's box (4,) and score."""

    box: NDArray[np.float64]
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    detected: Detected
    box: NDArray[np.float64]
    """The box that is reported: around the landmarks, or the detector's for a face near profile."""
    landmarks: Points
    five: Points
    shift: float
    """Distance of the five points between the first two passes, in eye distances."""


class RfbFinder:
    def __init__(
        self,
        spec: DetectorSpec,
        detector: RfbDetector,
        landmarker: Landmarker,
        judge: Judge,
        spread: Spread,
    ) -> None:
        self._spec = spec
        self._detector = detector
        self._landmarker = landmarker
        self._judge = judge
        self._spread = spread

    def find(self, photo: PictureSource) -> Iterator[FoundFace]:
        sides = self._spec.long_sides
        boxes, scores = self._detector.detect(
            photo.picture(detection_scale(photo.size, sides)), sides
        )
        if not len(boxes):
            return
        picture = photo.picture(embedding_scale(boxes, GALLERY_PX))
        detected = [Detected(*each) for each in zip(boxes, scores.tolist(), strict=True)]
        candidates = list(self._spread.map(partial(self._examine, picture), detected))
        candidates = _without_duplicates(candidates)
        candidates.sort(key=lambda c: (-visible_area(c.box, photo.size), -c.detected.score))
        taken: Boxes = np.empty((0, 4))
        for face in self._spread.map(partial(self._confirm, picture), candidates):
            if face and not _is_part_of_any(face.box, taken):
                taken = np.vstack([taken, face.box])
                yield face

    def find_largest(self, photo: PictureSource) -> FoundFace | None:
        look = self._spec.quick_look
        if look is None:
            return None
        boxes, scores = self._detector.detect(
            photo.picture(quick_look_scale(photo.size)), look.long_sides
        )
        place = clearly_largest(boxes, photo.size, look)
        if place is None:
            return None
        picture = photo.picture(embedding_scale(boxes[place, None], PROBE_PX))
        candidate = self._examine(picture, Detected(boxes[place], float(scores[place])))
        settled = candidate.shift < UNSETTLED and candidate.detected.score >= look.score
        if not settled or not is_whole(candidate.box, photo.size):
            return None
        face = self._judged(picture, candidate)
        return face if face.judged.norm >= self._spec.rescue.norm else None

    def _examine(self, picture: Picture, detected: Detected, quarter_turns: int = 0) -> Candidate:
        """Landmarks on a crop from the box, then on one from these landmarks. On a face they hardly
        move; elsewhere they do."""
        first_crop = landmarks.crop_around(detected.box, FIRST_DROP, quarter_turns)
        first = landmarks.five_points(self._landmarker.locate(picture, first_crop))
        points, five = self._again(picture, first, detected, quarter_turns)
        shift = landmarks.shift_between(first, five)
        if shift > UNSETTLED or quarter_turns:
            points, five = self._again(picture, five, detected, quarter_turns)
        profile = landmarks.is_near_profile(five)
        box = detected.box if profile else landmarks.face_box(points, five)
        return Candidate(detected, box, points, five, shift)

    def _again(
        self, picture: Picture, five: Points, detected: Detected, quarter_turns: int
    ) -> tuple[Points, Points]:
        crop = landmarks.crop_from(five, detected.box, quarter_turns)
        points = self._landmarker.locate(picture, crop)
        return points, landmarks.five_points(points)

    def _confirm(self, picture: Picture, candidate: Candidate) -> FoundFace | None:
        """The face, or None when the detection is not confirmed. A face on its side is taken at the
        quarter turn with the highest norm."""
        face = self._judged(picture, candidate)
        accepted = self._accepts(candidate, face.judged.norm)
        rescue = self._spec.rescue
        sure = accepted and face.judged.norm >= rescue.norm
        if candidate.detected.score >= rescue.score and not sure:
            turned = self._best_turned(picture, candidate)
            if turned.judged.norm >= rescue.norm:
                return turned
        return face if accepted else None

    def _accepts(self, candidate: Candidate, norm: float) -> bool:
        return any(
            candidate.detected.score >= rule.score
            and norm >= rule.norm
            and candidate.shift < rule.shift
            for rule in self._spec.accept
        )

    def _best_turned(self, picture: Picture, candidate: Candidate) -> FoundFace:
        tried = [
            self._judged(picture, self._examine(picture, candidate.detected, turns))
            for turns in QUARTER_TURNS
        ]
        return max(tried, key=lambda face: face.judged.norm)

    def _judged(self, picture: Picture, candidate: Candidate) -> FoundFace:
        judged = self._judge.judge(picture, candidate.five)
        return FoundFace(
            candidate.box,
            candidate.detected.score,
            candidate.five,
            lambda: candidate.landmarks,
            judged,
        )


def _is_part_of_any(box: NDArray[np.float64], larger: Boxes) -> bool:
    area = areas(box[None])
    inside = intersections(box, larger) > PART_INSIDE * area
    comparable = area > PART_AREA * areas(larger)
    return bool((inside & comparable).any())


def _without_duplicates(candidates: list[Candidate]) -> list[Candidate]:
    """Keeps, of the candidates whose landmarks converged on one face, the one with the highest
    detector score."""
    boxes = np.array([candidate.box for candidate in candidates]).reshape(-1, 4)
    scores = np.array([candidate.detected.score for candidate in candidates])
    return [candidates[i] for i in suppress(boxes, scores, SAME_FACE_IOU)]
