"""Finds faces with SCRFD, which brings its own five points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.vision import landmarks
from semblance.vision.align import HALF_PIXEL
from semblance.vision.boxes import Boxes, overlap, suppress, visible_area
from semblance.vision.canvas import MULTIPLE, canvases
from semblance.vision.embed import Embedded, Embedder
from semblance.vision.found import FoundFace
from semblance.vision.geometry import Pixels, Points, apply, invert, square, warp
from semblance.vision.landmarks import Landmarker
from semblance.vision.network import Network
from semblance.vision.pack import DetectorSpec

STRIDES = (8, 16, 32)
ANCHORS = 2
"""Each cell of a feature map speaks twice."""

RESCUE_MARGIN = 0.5
"""How much of the box is added on each side before it is turned."""
TURNS = (1, 2, 3)
MAX_FACES = 100
"""The largest of a crowd, as many as Rekognition reports."""


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    boxes: Boxes
    scores: NDArray[np.float64]
    fives: NDArray[np.float64]
    """(n, 5, 2)"""


class ScrfdFinder:
    def __init__(
        self, spec: DetectorSpec, network: Network, landmarker: Landmarker, embedder: Embedder
    ) -> None:
        assert spec.rescue.side % MULTIPLE == 0, spec.rescue.side
        self._spec = spec
        self._network = network
        self._landmarker = landmarker
        self._embedder = embedder

    def find(self, picture: Image.Image) -> Iterator[FoundFace]:
        found = self._detect(picture)
        visible = [visible_area(box, *picture.size) for box in found.boxes]
        for i in np.lexsort((-found.scores, -np.array(visible)))[:MAX_FACES]:
            box, score = found.boxes[i], float(found.scores[i])
            five, turns, embedded = self._embed(picture, box, found.fives[i])
            crop = landmarks.crop_from(five, box, turns)
            points = self._landmarker.locate(picture, crop)
            yield FoundFace(box, score, five, points, embedded)

    def _detect(self, picture: Image.Image) -> Detections:
        """The first pass, and of the later ones what overlaps nothing found before: a face
        higher than 450 pixels of the first pass's input is seen by a smaller pass only."""
        boxes, scores, fives = np.empty((0, 4)), np.empty(0), np.empty((0, 5, 2))
        # A picture that is small already loses its faces when the first pass enlarges it.
        for canvas in canvases(picture, self._spec.long_sides, enlarge_first=False):
            seen = self._detect_at(canvas.pixels, self._spec.min_score)
            seen_boxes = seen.boxes * np.tile(canvas.picture_per_canvas, 2)
            new = [j for j, box in enumerate(seen_boxes) if not self._overlaps(box, boxes)]
            boxes = np.concatenate([boxes, seen_boxes[new]])
            scores = np.concatenate([scores, seen.scores[new]])
            seen_fives = seen.fives[new] * canvas.picture_per_canvas + HALF_PIXEL
            fives = np.concatenate([fives, seen_fives])
        return Detections(boxes, scores, fives)

    def _overlaps(self, box: NDArray[np.float64], boxes: Boxes) -> bool:
        return bool((overlap(box, boxes) > self._spec.nms_iou).any())

    def _detect_at(self, pixels: Pixels, min_score: float) -> Detections:
        """In pixels of the network's input."""
        outputs = self._network.run(pixels)
        boxes, scores, fives = [], [], []
        for level, stride in enumerate(STRIDES):
            score, sides, points = (
                outputs[level + kind * len(STRIDES)][0].astype(np.float64) for kind in range(3)
            )
            centres = _centres(pixels.shape[0] // stride, pixels.shape[1] // stride) * stride
            assert score.shape == (len(centres), 1), score.shape
            assert sides.shape == (len(centres), 4), sides.shape
            assert points.shape == (len(centres), 10), points.shape
            # Distances may be negative: a box turned inside out is none.
            is_box = (sides[:, :2] + sides[:, 2:] > 0).all(axis=1)
            likely = is_box & (score[:, 0] >= min_score)
            low = centres[likely] - sides[likely, :2] * stride
            high = centres[likely] + sides[likely, 2:] * stride
            boxes.append(np.concatenate([low, high], axis=1))
            scores.append(score[likely, 0])
            offsets = points[likely].reshape(-1, 5, 2) * stride
            fives.append(centres[likely][:, None] + offsets)
        all_boxes, all_scores = np.concatenate(boxes), np.concatenate(scores)
        kept = suppress(all_boxes, all_scores, self._spec.nms_iou)
        return Detections(all_boxes[kept], all_scores[kept], np.concatenate(fives)[kept])

    def _embed(
        self, picture: Image.Image, box: NDArray[np.float64], five: Points
    ) -> tuple[Points, int, Embedded]:
        """With the points, and the quarter turns, that give the most of a face.

        SCRFD's box is right at every angle; its points are not beyond 45 degrees."""
        upright = (five, 0, self._embedder.embed(picture, five))
        if upright[2].norm >= self._spec.rescue.norm:
            return upright
        tried = [upright]
        for turns in TURNS:
            turned = self._turned_five(picture, box, turns)
            if turned is not None:
                tried.append((turned, turns, self._embedder.embed(picture, turned)))
        return max(tried, key=lambda attempt: attempt[2].norm)

    def _turned_five(
        self, picture: Image.Image, box: NDArray[np.float64], turns: int
    ) -> Points | None:
        """The points that are found when the box is turned, if its face is found then."""
        side = self._spec.rescue.side
        reach = float((box[2:] - box[:2]).max()) * (1 + 2 * RESCUE_MARGIN)
        to_crop = square((box[:2] + box[2:]) / 2, reach, side, turns)
        found = self._detect_at(warp(picture, to_crop, side), self._spec.rescue.score)
        corners = apply(to_crop, box.reshape(2, 2))
        centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        within = (centres > corners.min(axis=0)) & (centres < corners.max(axis=0))
        ours = np.flatnonzero(within.all(axis=1))
        return apply(invert(to_crop), found.fives[ours[0]]) if len(ours) else None


def _centres(rows: int, columns: int) -> NDArray[np.float64]:
    """(rows * columns * anchors, 2): column and row of each cell, once for each anchor."""
    row, column = np.mgrid[:rows, :columns]
    cells = np.stack([column, row], axis=-1).reshape(-1, 2)
    return np.repeat(cells, ANCHORS, axis=0).astype(np.float64)
