"""A pack's looks at pictures: all faces and the largest, with the rules that say one is another."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from semblance.embedding.codec import Embeddings
from semblance.embedding.similarity import SimilarityScale
from semblance.model.detected import Box, DetectedFace
from semblance.vision.engine import Engine

SAME_IOU = 0.5
SAME_COSINE = 0.9
"""Two boxes and embeddings in one picture are the same face from here on."""


class Face:
    """A face that was found; its embedding is computed when it is first asked for."""

    def __init__(self, found: DetectedFace, engine: Engine) -> None:
        self.found = found
        self._engine = engine

    @property
    def box(self) -> Box:
        return self.found.box

    @property
    def roll(self) -> float:
        """Degrees."""
        return self.found.pose.roll

    @cached_property
    def embedding(self) -> Embeddings:
        row: Embeddings = self._engine.embed([self.found])[0]
        return row


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Faces as `DetectFaces` finds them, largest first, and the one that a search would take."""

    faces: list[Face]
    largest: Face | None


class Looker:
    """An engine that remembers its looks, and where its two ways to the largest face differ."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._scale = SimilarityScale(engine.calibration)
        self._looks: dict[str, Look] = {}
        self.looked = 0
        self.differing: list[str] = []

    def look(self, name: str, image: bytes, *, remember: bool = False) -> Look:
        """`remember`: the next look at this name costs nothing."""
        if name in self._looks:
            return self._looks[name]
        faces = self.faces(image)
        largest = self.largest(image)
        self.looked += 1
        if not agree(faces[0] if faces else None, largest):
            self.differing.append(name)
        look = Look(faces, largest)
        if remember:
            self._looks[name] = look
        return look

    def remembered(self) -> dict[str, Look]:
        return dict(self._looks)

    def faces(self, image: bytes, attributes: Collection[str] = ()) -> list[Face]:
        found = self._engine.find_faces(image, attributes=attributes)
        return [Face(each, self._engine) for each in found]

    def largest(self, image: bytes) -> Face | None:
        found = self._engine.find_faces(image, largest_only=True)
        return Face(found[0], self._engine) if found else None

    def is_kept(self, face: Face) -> bool:
        """By QualityFilter AUTO."""
        return not self.reasons(face)

    def reasons(self, face: Face) -> tuple[str, ...]:
        return self._engine.quality_reasons(face.found, "AUTO")

    def similarity(self, one: Face, other: Face) -> float:
        """0 to 100, as a search reports it."""
        cosines = np.array([cosine(one, other)], np.float32)
        return float(self._scale.similarities(cosines)[0])


def cosine(one: Face, other: Face) -> float:
    return float(one.embedding @ other.embedding)


def agree(one: Face | None, other: Face | None) -> bool:
    """Whether both are the same face of one picture, or none."""
    if one is None or other is None:
        return one is other
    return iou(one.box, other.box) > SAME_IOU and cosine(one, other) > SAME_COSINE


def iou(one: Box, other: Box) -> float:
    across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    shared = max(across, 0.0) * max(down, 0.0)
    union = one.width * one.height + other.width * other.height - shared
    return shared / union if union else 0.0


def described(face: Face) -> str:
    """The measures that decide about a face, for you who try rules."""
    found, quality = face.found, face.found.quality
    return (
        f"norm {found.judged.norm:.2f} confidence {found.confidence:.1f} "
        f"height {found.height_px:.0f} roll {face.roll:.0f} yaw {found.yaw_proxy:.2f} "
        f"sharpness {quality.sharpness:.0f} brightness {quality.brightness:.0f}"
    )
