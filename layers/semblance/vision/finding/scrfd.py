"""Finds faces with SCRFD, which brings its own five points."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from semblance.vision.face import landmarks
from semblance.vision.face.embed import Embedded, Embedder
from semblance.vision.face.found import FoundFace
from semblance.vision.face.landmarks import Landmarker
from semblance.vision.finding.largest import clearly_largest
from semblance.vision.finding.scrfd_detector import Detections, ScrfdDetector
from semblance.vision.finding.spread import Spread
from semblance.vision.packs.loading import DetectorSpec
from semblance.vision.picture.boxes import overlap, visible_areas
from semblance.vision.picture.canvas import MULTIPLE
from semblance.vision.picture.detail import KEPT_PX, PROBE_PX, to_find, to_know, to_look
from semblance.vision.picture.geometry import Points, apply, invert, square
from semblance.vision.picture.picture import Photo, Picture

RESCUE_MARGIN = 0.5
"""How much of the box is added on each side before it is turned."""
TURNS = (1, 2, 3)
MAX_FACES = 100
"""The largest of a crowd, as many as Rekognition reports."""

CLOSER_MARGIN = 0.25
"""How much of the box is added on each side for a closer look at it."""
SEEN_UP_TO = 440
"""Height in pixels of its input up to which the first pass is sure to see a face."""


class ScrfdFinder:
    def __init__(
        self,
        spec: DetectorSpec,
        detector: ScrfdDetector,
        landmarker: Landmarker,
        embedder: Embedder,
        spread: Spread,
    ) -> None:
        assert spec.rescue.side % MULTIPLE == 0, spec.rescue.side
        self._spec = spec
        self._detector = detector
        self._landmarker = landmarker
        self._embedder = embedder
        self._spread = spread

    def find(self, photo: Photo) -> Iterator[FoundFace]:
        sides = self._spec.long_sides
        found = self._detector.detect(photo.picture(to_find(photo.size, sides)), sides)
        if not len(found.boxes):
            return
        visible = visible_areas(found.boxes, photo.size)
        largest = np.lexsort((-found.scores, -visible))[:MAX_FACES]
        found = found.of(largest)
        picture = photo.picture(to_know(found.boxes, KEPT_PX))
        places = range(len(found.boxes))
        yield from self._spread.map(partial(self._face, picture, found), places)

    def find_largest(self, photo: Photo) -> FoundFace | None:
        look = self._spec.quick_look
        if look is None:
            return None
        picture = photo.picture(to_look(photo.size))
        found = self._detector.detect(picture, look.long_sides)
        place = clearly_largest(found.boxes, photo.size, look)
        if place is None:
            return None
        picture = photo.picture(to_know(found.boxes[place, None], PROBE_PX))
        closer = self._closer(picture, found.of([place]))
        if closer is None:
            return None
        face = self._face(picture, closer, 0, upright=True)
        return face if face.embedded.norm >= self._spec.rescue.norm else None

    def _closer(self, picture: Picture, found: Detections) -> Detections | None:
        """The one face as `find` would see it."""
        (box,) = found.boxes
        margin = CLOSER_MARGIN * (box[2:] - box[:2])
        seen = self._detector.look_closer(
            picture, np.concatenate([box[:2] - margin, box[2:] + margin])
        )
        same = np.flatnonzero(overlap(box, seen.boxes) > self._spec.nms_iou)
        if len(same):
            return seen.of(same[:1])
        scale = min(self._spec.long_sides[0] / max(picture.size), 1)
        return None if (box[3] - box[1]) * scale < SEEN_UP_TO else found

    def _face(
        self, picture: Picture, found: Detections, place: int, *, upright: bool = False
    ) -> FoundFace:
        box = found.boxes[place]
        five, turns, embedded = self._embed(picture, box, found.fives[place], upright=upright)

        @cache
        def locate() -> Points:
            return self._landmarker.locate(picture, landmarks.crop_from(five, box, turns))

        return FoundFace(box, float(found.scores[place]), five, locate, embedded)

    def _embed(
        self, picture: Picture, box: NDArray[np.float64], five: Points, *, upright: bool
    ) -> tuple[Points, int, Embedded]:
        """With the points, and the quarter turns, that give the most of a face.

        SCRFD's box is right at every angle; its points are not beyond 45 degrees."""
        first = (five, 0, self._embedder.embed(picture, five))
        if upright or first[2].norm >= self._spec.rescue.norm:
            return first
        tried = [first]
        for turns in TURNS:
            turned = self._turned_five(picture, box, turns)
            if turned is not None:
                tried.append((turned, turns, self._embedder.embed(picture, turned)))
        return max(tried, key=lambda attempt: attempt[2].norm)

    def _turned_five(self, picture: Picture, box: NDArray[np.float64], turns: int) -> Points | None:
        """The points that are found when the box is turned, if its face is found then."""
        side = self._spec.rescue.side
        reach = float((box[2:] - box[:2]).max()) * (1 + 2 * RESCUE_MARGIN)
        to_crop = square((box[:2] + box[2:]) / 2, reach, side, turns)
        found = self._detector.detect_in(picture.warp(to_crop, side), self._spec.rescue.score)
        corners = apply(to_crop, box.reshape(2, 2))
        centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        within = (centres > corners.min(axis=0)) & (centres < corners.max(axis=0))
        ours = np.flatnonzero(within.all(axis=1))
        return apply(invert(to_crop), found.fives[ours[0]]) if len(ours) else None
