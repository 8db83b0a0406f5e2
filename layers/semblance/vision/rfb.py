"""Finds faces with RFB, whose word alone is not taken: landmarks and embedding confirm it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.vision import landmarks
from semblance.vision.boxes import Boxes, areas, intersections, overlap, suppress, visible_area
from semblance.vision.canvas import Canvas, canvases
from semblance.vision.embed import Embedder
from semblance.vision.found import FoundFace
from semblance.vision.geometry import Points
from semblance.vision.landmarks import Landmarker
from semblance.vision.network import Network
from semblance.vision.pack import DetectorSpec

MIN_SIZES = {8: (10, 16, 24), 16: (32, 48), 32: (64, 96), 64: (128, 192, 256)}
"""Stride of each feature map to the sizes of its priors, as the network was trained."""
CENTRE_VARIANCE = 0.1
SIZE_VARIANCE = 0.2

FIRST_DROP = 0.04
"""How far below the box's centre the first landmark crop lies, in box heights."""
UNSETTLED = 0.1
"""Landmarks that move by more than this between two passes are read a third time."""
SAME_FACE_IOU = 0.5
"""Boxes that hardly overlap may hold the same face: their landmarks then meet on it."""
PART_INSIDE = 0.7
PART_AREA = 0.1
"""Where a face fills the picture, parts of it look like faces too: boxes with so much of them
inside a larger face's, and no smaller than this share of it. A face smaller than that may well
stand before a larger one, on a poster for example."""
TURNS = (1, 2, 3)
"""Quarters of a circle that a face is tried at when it makes no sense upright."""
MAX_FACES = 100
"""The largest of a crowd, as many as Rekognition reports."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    detected: NDArray[np.float64]
    """The network's box."""
    score: float
    box: NDArray[np.float64]
    """The box that is reported: the landmarks', the network's own for a face near profile."""
    landmarks: Points
    five: Points
    shift: float


class RfbFinder:
    def __init__(
        self, spec: DetectorSpec, network: Network, landmarker: Landmarker, embedder: Embedder
    ) -> None:
        self._spec = spec
        self._network = network
        self._landmarker = landmarker
        self._embedder = embedder

    def find(self, picture: Image.Image) -> Iterator[FoundFace]:
        boxes, scores = self._detect(picture)
        candidates = [
            self._examine(picture, box, float(score))
            for box, score in zip(boxes, scores, strict=True)
        ]
        candidates = _without_duplicates(candidates)
        candidates.sort(key=lambda c: (-visible_area(c.box, *picture.size), -c.score))
        taken: Boxes = np.empty((0, 4))
        for candidate in candidates:
            face = self._confirm(picture, candidate)
            if face and not _is_part_of_any(face.box, taken):
                taken = np.vstack([taken, face.box])
                yield face

    def _detect(self, picture: Image.Image) -> tuple[Boxes, NDArray[np.float64]]:
        """Boxes of all passes; a later pass adds what the earlier ones did not see."""
        boxes, scores = np.empty((0, 4)), np.empty(0)
        for canvas in canvases(picture, self._spec.long_sides, enlarge_first=True):
            seen, certainty = self._detect_at(canvas)
            new = [i for i, box in enumerate(seen) if not self._overlaps(box, boxes)]
            boxes = np.concatenate([boxes, seen[new]])
            scores = np.concatenate([scores, certainty[new]])
        largest = np.argsort([-visible_area(box, *picture.size) for box in boxes], kind="stable")
        return boxes[largest[:MAX_FACES]], scores[largest[:MAX_FACES]]

    def _overlaps(self, box: NDArray[np.float64], boxes: Boxes) -> bool:
        return bool((overlap(box, boxes) > self._spec.nms_iou).any())

    def _detect_at(self, canvas: Canvas) -> tuple[Boxes, NDArray[np.float64]]:
        scores, offsets = self._network.run(canvas.pixels)
        height, width = canvas.pixels.shape[:2]
        priors = _priors(height, width)
        assert scores.shape == (1, len(priors), 2), scores.shape
        assert offsets.shape == (1, len(priors), 4), offsets.shape
        likely = scores[0, :, 1] >= self._spec.min_score
        certainty = scores[0, likely, 1].astype(np.float64)
        boxes = _decode(offsets[0, likely].astype(np.float64), priors[likely])
        kept = suppress(boxes, certainty, self._spec.nms_iou)
        return boxes[kept] * np.tile(canvas.picture_per_canvas, 2), certainty[kept]

    def _examine(
        self,
        picture: Image.Image,
        detected: NDArray[np.float64],
        score: float,
        quarter_turns: int = 0,
    ) -> Candidate:
        """Landmarks from the box, then from themselves: those of a face stay where they are."""
        first_crop = landmarks.crop_around(detected, FIRST_DROP, quarter_turns)
        first = landmarks.five_points(self._landmarker.locate(picture, first_crop))
        points, five = self._again(picture, first, detected, quarter_turns)
        shift = landmarks.shift_between(first, five)
        if shift > UNSETTLED or quarter_turns:
            points, five = self._again(picture, five, detected, quarter_turns)
        profile = landmarks.is_near_profile(five)
        box = detected if profile else landmarks.face_box(points, five)
        return Candidate(detected, score, box, points, five, shift)

    def _again(
        self,
        picture: Image.Image,
        five: Points,
        detected: NDArray[np.float64],
        quarter_turns: int,
    ) -> tuple[Points, Points]:
        crop = landmarks.crop_from(five, detected, quarter_turns)
        points = self._landmarker.locate(picture, crop)
        return points, landmarks.five_points(points)

    def _confirm(self, picture: Image.Image, candidate: Candidate) -> FoundFace | None:
        """The face when it is one, turned upright when it lies on its side."""
        face = self._embedded(picture, candidate)
        accepted = self._accepts(candidate, face.embedded.norm)
        rescue = self._spec.rescue
        if candidate.score >= rescue.score and not (accepted and face.embedded.norm >= rescue.norm):
            turned = self._best_turned(picture, candidate)
            if turned.embedded.norm >= rescue.norm:
                return turned
        return face if accepted else None

    def _accepts(self, candidate: Candidate, norm: float) -> bool:
        return any(
            candidate.score >= rule.score and norm >= rule.norm and candidate.shift < rule.shift
            for rule in self._spec.accept
        )

    def _best_turned(self, picture: Image.Image, candidate: Candidate) -> FoundFace:
        tried = [
            self._embedded(
                picture, self._examine(picture, candidate.detected, candidate.score, turns)
            )
            for turns in TURNS
        ]
        return max(tried, key=lambda face: face.embedded.norm)

    def _embedded(self, picture: Image.Image, candidate: Candidate) -> FoundFace:
        embedded = self._embedder.embed(picture, candidate.five)
        return FoundFace(
            candidate.box, candidate.score, candidate.five, candidate.landmarks, embedded
        )


def _is_part_of_any(box: NDArray[np.float64], larger: Boxes) -> bool:
    area = areas(box[None])
    inside = intersections(box, larger) > PART_INSIDE * area
    comparable = area > PART_AREA * areas(larger)
    return bool((inside & comparable).any())


def _without_duplicates(candidates: list[Candidate]) -> list[Candidate]:
    """Of those whose landmarks met on one face the one that the network is surest of."""
    boxes = np.array([candidate.box for candidate in candidates]).reshape(-1, 4)
    scores = np.array([candidate.score for candidate in candidates])
    return [candidates[i] for i in suppress(boxes, scores, SAME_FACE_IOU)]


@lru_cache(maxsize=8)
def _priors(height: int, width: int) -> Boxes:
    """(n, 4): centre x, centre y, width, height, in the order of the network's outputs."""
    maps = []
    for stride, sizes in MIN_SIZES.items():
        rows, columns = -(-height // stride), -(-width // stride)
        y, x, size = np.meshgrid(
            (np.arange(rows) + 0.5) * stride,
            (np.arange(columns) + 0.5) * stride,
            np.array(sizes, dtype=np.float64),
            indexing="ij",
        )
        maps.append(np.stack([x, y, size, size], axis=-1).reshape(-1, 4))
    return np.concatenate(maps)


def _decode(offsets: NDArray[np.float64], priors: Boxes) -> Boxes:
    assert offsets.shape == priors.shape, (offsets.shape, priors.shape)
    centres = priors[:, :2] + offsets[:, :2] * CENTRE_VARIANCE * priors[:, 2:]
    sizes = priors[:, 2:] * np.exp(offsets[:, 2:] * SIZE_VARIANCE)
    return np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
