"""Finds the faces of a picture: the detections that landmarks and judge confirm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from semblance.vision.face.found import FoundFace
from semblance.vision.face.judge import Judge
from semblance.vision.face.landmarks import Landmarker, is_near_profile
from semblance.vision.finding.candidates import Candidate, examine, without_duplicates
from semblance.vision.finding.detections import Detector
from semblance.vision.finding.largest import clearly_largest, is_whole
from semblance.vision.finding.passes import detect, is_part_of_any
from semblance.vision.finding.spread import Spread
from semblance.vision.packs.specs import DetectorSpec
from semblance.vision.picture.boxes import Boxes, visible_area
from semblance.vision.picture.picture import Picture, PictureSource
from semblance.vision.picture.scales import (
    GALLERY_PX,
    PROBE_PX,
    detection_scale,
    embedding_scale,
    quick_look_scale,
)

SETTLED = 0.5
"""On a face at the right quarter turn landmarks shift by less, in eye distances."""
QUARTER_TURNS = (1, 2, 3)
"""Quarters of a circle at which a face is tried again when it does not look like one upright."""


class Finder:
    def __init__(
        self,
        spec: DetectorSpec,
        detector: Detector,
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
        """Faces, largest first. Lazy: a face is judged shortly before the caller takes it."""
        yield from self._find(photo, self._spec.long_sides, self._confirm)

    def find_upright(
        self, photo: PictureSource, long_sides: tuple[int, ...]
    ) -> Iterator[FoundFace]:
        """The same with other passes, and without faces on their side."""
        yield from self._find(photo, long_sides, self._confirm_upright)

    def _find(
        self,
        photo: PictureSource,
        sides: tuple[int, ...],
        confirm: Callable[[Picture, Candidate], FoundFace | None],
    ) -> Iterator[FoundFace]:
        picture = photo.picture(detection_scale(photo.size, sides))
        found = detect(self._detector, self._spec, picture, sides)
        if not len(found):
            return
        picture = photo.picture(embedding_scale(found.boxes, GALLERY_PX))
        look = partial(examine, self._landmarker, picture)
        candidates = without_duplicates(list(self._spread.map(look, list(found))))
        candidates.sort(key=lambda c: (-visible_area(self._box(c), photo.size), -c.detection.score))
        taken: Boxes = np.empty((0, 4))
        for face in self._spread.map(partial(confirm, picture), candidates):
            if face and not is_part_of_any(face.box, taken):
                taken = np.vstack([taken, face.box])
                yield face

    def find_largest(self, photo: PictureSource) -> FoundFace | None:
        """The first face of `find`, found at a fraction of the cost; None when this quick look is
        not sure, so that the caller has to run `find`."""
        look = self._spec.quick_look
        picture = photo.picture(quick_look_scale(photo.size))
        found = detect(self._detector, self._spec, picture, look.long_sides)
        place = clearly_largest(found.boxes, photo.size, look)
        if place is None:
            return None
        picture = photo.picture(embedding_scale(found.boxes[place, None], PROBE_PX))
        candidate = examine(self._landmarker, picture, found[place])
        if candidate.detection.score < look.score or not is_whole(candidate.extent, photo.size):
            return None
        face = self._judged(picture, candidate)
        sure = self._accepts(face) and not self._may_be_turned(face)
        return face if sure else None

    def _confirm(self, picture: Picture, candidate: Candidate) -> FoundFace | None:
        """The face, or None when the detection is not confirmed. A face on its side is taken at the
        quarter turn with the highest norm."""
        face = self._judged(picture, candidate)
        if self._may_be_turned(face):
            turned = self._best_turned(picture, candidate)
            if turned and self._is_better(turned, face):
                return turned
        return face if self._accepts(face) else None

    def _confirm_upright(self, picture: Picture, candidate: Candidate) -> FoundFace | None:
        if candidate.shift >= max(rule.shift for rule in self._spec.accept):
            return None
        face = self._judged(picture, candidate)
        return face if self._accepts(face) else None

    def _accepts(self, face: FoundFace) -> bool:
        return any(
            face.score >= rule.score and face.judged.norm >= rule.norm and face.shift < rule.shift
            for rule in self._spec.accept
        )

    def _may_be_turned(self, face: FoundFace) -> bool:
        """On an upright face landmarks settle at once, however dark or blurred it is. Near profile
        they are guessed from the box, so that their settling says nothing."""
        rescue = self._spec.rescue
        unsettled = face.shift >= rescue.settled or is_near_profile(face.five)
        doubtful = face.judged.norm < rescue.norm and unsettled
        return face.score >= rescue.score and (doubtful or face.shift >= rescue.drift)

    def _is_better(self, turned: FoundFace, face: FoundFace) -> bool:
        rescue = self._spec.rescue
        gain = turned.judged.norm - face.judged.norm
        least = 0.0 if face.shift >= rescue.drift else rescue.gain
        return turned.judged.norm >= rescue.norm and gain > least

    def _best_turned(self, picture: Picture, candidate: Candidate) -> FoundFace | None:
        """The one of the quarter turns with the highest norm; None when landmarks settle at none
        of them, which costs less to find out."""
        tried = (
            examine(self._landmarker, picture, candidate.detection, quarter_turns)
            for quarter_turns in QUARTER_TURNS
        )
        settled = [each for each in tried if each.shift < SETTLED]
        faces = [self._judged(picture, each) for each in settled]
        return max(faces, key=lambda face: face.judged.norm, default=None)

    def _judged(self, picture: Picture, candidate: Candidate) -> FoundFace:
        return FoundFace(
            box=self._box(candidate),
            score=candidate.detection.score,
            five=candidate.five,
            shift=candidate.shift,
            landmarks=candidate.landmarks,
            judged=self._judge.judge(picture, candidate.five),
        )

    def _box(self, candidate: Candidate) -> NDArray[np.float64]:
        """The detector takes a turned face for an upright one, and its box is off by some."""
        by_landmarks = candidate.quarter_turns or self._spec.box == "landmarks"
        return candidate.extent if by_landmarks else candidate.detection.box
