"""Runs a detector on a picture at several sizes and keeps one detection of each face."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from semblance.vision.finding.detections import Detections, Detector, joined
from semblance.vision.packs.specs import DetectorSpec
from semblance.vision.picture.boxes import areas, intersections, overlap, suppress, visible_areas
from semblance.vision.picture.canvas import Canvas, canvas
from semblance.vision.picture.picture import Picture

MAX_FACES = 100
"""Faces kept of a crowd, the largest ones: as many as Rekognition reports."""
SAME_BOX_IOU = 0.7
"""Boxes of two passes that share more are of one whole face."""
PART_INSIDE = 0.7
PART_AREA = 0.1
"""In a face that fills the picture, parts look like faces too: boxes with more than 0.7 of their
area inside the larger face's box and more than 0.1 of its area. A smaller box may well be a face
in front of a larger one, for example of a poster."""


def detect(
    detector: Detector, spec: DetectorSpec, picture: Picture, long_sides: Iterable[int]
) -> Detections:
    """In pixels of the picture, the largest first, one pass for each long side.

    The passes compete by score: on a face that fills the picture a large input shows the detector
    parts of it, and a small one the face."""
    longest = spec.enlarge * max(picture.size)
    sides = dict.fromkeys(round(min(side, longest)) for side in long_sides)
    canvases = [canvas(picture, side) for side in sides]
    passes = [_on_picture(detector.detect(each.pixels), each) for each in canvases]
    passes = [each.of(suppress(each.boxes, each.scores, spec.nms_iou)) for each in passes]
    found = joined(passes)
    found = found.of(suppress(found.boxes, found.scores, spec.nms_iou))
    # A texture may leave a thousand boxes: only so many are compared with one another.
    found = found.of(_largest_first(found, picture.size)[:MAX_FACES])
    found = _placed_by(passes[0], found.of(np.flatnonzero(~_are_parts(found))))
    return found.of(_largest_first(found, picture.size))


def is_part_of_any(box: NDArray[np.float64], larger: NDArray[np.float64]) -> bool:
    """Whether `box` (4,) is a part of a face in one of the larger boxes (n, 4)."""
    return bool(_is_part(box, larger).any())


def _largest_first(found: Detections, size: tuple[int, int]) -> NDArray[np.intp]:
    order: NDArray[np.intp] = np.lexsort((-found.scores, -visible_areas(found.boxes, size)))
    return order


def _on_picture(found: Detections, canvas: Canvas) -> Detections:
    return Detections(
        canvas.to_picture(found.boxes.reshape(-1, 2)).reshape(-1, 4),
        found.scores,
        None if found.fives is None else canvas.to_picture(found.fives),
    )


def _placed_by(finest: Detections, found: Detections) -> Detections:
    """The detections with the boxes and points of the pass that sees most, where it has the same
    face: a pixel of a small input is several of the picture."""
    boxes, fives = found.boxes.copy(), None if found.fives is None else found.fives.copy()
    for place, box in enumerate(found.boxes):
        shared = overlap(box, finest.boxes)
        if not len(shared) or shared.max() < SAME_BOX_IOU:
            continue
        boxes[place] = finest.boxes[shared.argmax()]
        if fives is not None and finest.fives is not None:
            fives[place] = finest.fives[shared.argmax()]
    return Detections(boxes, found.scores, fives)


def _are_parts(found: Detections) -> NDArray[np.bool_]:
    """(n,): whether each is a part of a larger detection with a higher score."""
    sizes = areas(found.boxes)
    parts = [
        (_is_part(box, found.boxes) & (sizes > size) & (found.scores > score)).any()
        for box, size, score in zip(found.boxes, sizes, found.scores, strict=True)
    ]
    return np.array(parts, dtype=np.bool_)


def _is_part(box: NDArray[np.float64], larger: NDArray[np.float64]) -> NDArray[np.bool_]:
    area = areas(box[None])
    inside: NDArray[np.bool_] = intersections(box, larger) > PART_INSIDE * area
    return inside & (area > PART_AREA * areas(larger))
