"""Finds faces with the SCRFD detector, which gives five landmarks of its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from semblance.model.detected import Judged
from semblance.vision.face import landmarks
from semblance.vision.face.found import FoundFace
from semblance.vision.face.judge import Judge
from semblance.vision.face.landmarks import Landmarker
from semblance.vision.finding.finder import MAX_FACES, QUARTER_TURNS
from semblance.vision.finding.largest import clearly_largest
from semblance.vision.finding.scrfd_detector import Detections, ScrfdDetector
from semblance.vision.finding.spread import Spread
from semblance.vision.packs.specs import DetectorSpec
from semblance.vision.picture.boxes import overlap, visible_areas
from semblance.vision.picture.canvas import MULTIPLE
from semblance.vision.picture.geometry import Points, apply, invert, square
from semblance.vision.picture.picture import Picture, PictureSource
from semblance.vision.picture.scales import (
    GALLERY_PX,
    PROBE_PX,
    detection_scale,
    embedding_scale,
    quick_look_scale,
)

RESCUE_MARGIN = 0.5
"""Share of the box added on each side before its crop is turned."""
CLOSER_MARGIN = 0.25
"""Share of the box added on each side before the first pass is run around it."""
FIRST_PASS_HEIGHT_PX = 440
"""The first pass detects every face up to this height, in pixels of its input."""


class ScrfdFinder:
    def __init__(
        self,
        spec: DetectorSpec,
        detector: ScrfdDetector,
        landmarker: Landmarker,
        judge: Judge,
        spread: Spread,
    ) -> None:
        assert spec.rescue.side % MULTIPLE == 0, spec.rescue.side
        self._spec = spec
        self._detector = detector
        self._landmarker = landmarker
        self._judge = judge
        self._spread = spread

    def find(self, photo: PictureSource) -> Iterator[FoundFace]:
        sides = self._spec.long_sides
        found = self._detector.detect(photo.picture(detection_scale(photo.size, sides)), sides)
        if not len(found.boxes):
            return
        visible = visible_areas(found.boxes, photo.size)
        largest = np.lexsort((-found.scores, -visible))[:MAX_FACES]
        found = found.of(largest)
        picture = photo.picture(embedding_scale(found.boxes, GALLERY_PX))
        yield from self._spread.map(partial(self._face, picture, found), range(len(found.boxes)))

    def find_largest(self, photo: PictureSource) -> FoundFace | None:
        look = self._spec.quick_look
        if look is None:
            return None
        picture = photo.picture(quick_look_scale(photo.size))
        found = self._detector.detect(picture, look.long_sides)
        largest = clearly_largest(found.boxes, photo.size, look)
        if largest is None:
            return None
        picture = photo.picture(embedding_scale(found.boxes[largest, None], PROBE_PX))
        closer = self._closer(picture, found.of([largest]))
        if closer is None:
            return None
        face = self._face(picture, closer, 0, upright=True)
        return face if face.judged.norm >= self._spec.rescue.norm else None

    def _closer(self, picture: Picture, found: Detections) -> Detections | None:
        """The one face of `found` as `find` would detect it; None when the first pass should have
        detected it and did not."""
        (box,) = found.boxes
        margin = CLOSER_MARGIN * (box[2:] - box[:2])
        closer = self._detector.look_closer(
            picture, np.concatenate([box[:2] - margin, box[2:] + margin])
        )
        same = np.flatnonzero(overlap(box, closer.boxes) > self._spec.nms_iou)
        if len(same):
            return closer.of(same[:1])
        scale = min(self._spec.long_sides[0] / max(picture.size), 1)
        return None if (box[3] - box[1]) * scale < FIRST_PASS_HEIGHT_PX else found

    def _face(
        self, picture: Picture, found: Detections, index: int, *, upright: bool = False
    ) -> FoundFace:
        box = found.boxes[index]
        five, turns, judged = self._judged(picture, box, found.fives[index], upright=upright)

        @cache
        def locate() -> Points:
            return self._landmarker.locate(picture, landmarks.crop_from(five, box, turns))

        return FoundFace(box, float(found.scores[index]), five, locate, judged)

    def _judged(
        self, picture: Picture, box: NDArray[np.float64], five: Points, *, upright: bool
    ) -> tuple[Points, int, Judged]:
        """The five points, the quarter turns and the verdict with the highest norm.

        SCRFD's box is right at every angle, but beyond 45 degrees of roll its points are not."""
        first = (five, 0, self._judge.judge(picture, five))
        if upright or first[2].norm >= self._spec.rescue.norm:
            return first
        tried = [first]
        for turns in QUARTER_TURNS:
            turned = self._turned_five(picture, box, turns)
            if turned is not None:
                tried.append((turned, turns, self._judge.judge(picture, turned)))
        return max(tried, key=lambda attempt: attempt[2].norm)

    def _turned_five(self, picture: Picture, box: NDArray[np.float64], turns: int) -> Points | None:
        """The five points from detection on the turned box; None when no face is detected there."""
        side = self._spec.rescue.side
        reach = float((box[2:] - box[:2]).max()) * (1 + 2 * RESCUE_MARGIN)
        to_crop = square((box[:2] + box[2:]) / 2, reach, side, turns)
        found = self._detector.detect_in(picture.warp(to_crop, side), self._spec.rescue.score)
        corners = apply(to_crop, box.reshape(2, 2))
        centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        within = (centres > corners.min(axis=0)) & (centres < corners.max(axis=0))
        same = np.flatnonzero(within.all(axis=1))
        return apply(invert(to_crop), found.fives[same[0]]) if len(same) else None
