"""A stand-in for the vision engine: its pictures name the people in them."""

import hashlib
import io
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from semblance import errors
from semblance.embedding.codec import Codec, Embeddings
from semblance.model.detected import Box, DetectedFace, Judged, Judgement, Pose, Quality

CODEC = Codec(model_id="fake-1", size=160, largest=0.45, margin=0.01)

_MAGIC = b"FAKE"
_LANDMARKS = ("eyeLeft", "eyeRight", "mouthLeft", "mouthRight", "nose")
_JUDGEMENTS = {
    "SMILE": Judgement(True, 95.0),
    "MOUTH_OPEN": Judgement(False, 90.0),
    "EYES_OPEN": Judgement(True, 99.0),
}
"""Judgements for every face except poor ones, which get none."""


def picture(*people: str, size: float = 0.2, poor: tuple[str, ...] = (), shot: int = 0) -> bytes:
    """A picture of these people, largest first; `shot` makes pictures of one person differ."""
    return _MAGIC + json.dumps([people, size, poor, shot]).encode()


def embedding_of(person: str, shot: int = 0, *, size: int = CODEC.size) -> np.ndarray:
    """Two shots of one person have a cosine of about 0.8; two people, of about 0."""
    own = 0.5 * _random_unit(f"{person}/{shot}", size) if shot else 0
    unit = _random_unit(person, size) + own
    return (unit / np.linalg.norm(unit)).astype(np.float32)


def _random_unit(seed: str, size: int) -> np.ndarray:
    numbers = np.random.default_rng(list(hashlib.sha256(seed.encode()).digest()))
    vector = numbers.standard_normal(size)
    return vector / np.linalg.norm(vector)


@dataclass(frozen=True)
class FakeEngine:
    codec: Codec = CODEC

    def find_faces(
        self, image: bytes, *, largest_only: bool = False, attributes: Collection[str] = ()
    ) -> list[DetectedFace]:
        if not image.startswith(_MAGIC):
            raise errors.InvalidImageFormatException
        try:
            people, size, poor, shot = json.loads(image[len(_MAGIC) :])
        except ValueError as exc:  # a picture that a test has mutated
            raise errors.InvalidImageFormatException from exc
        faces = [
            _judged(
                _face(person, place, size * 0.9**place, person in poor, shot, self.codec.size),
                () if person in poor else attributes,
            )
            for place, person in enumerate(people)
        ]
        return faces[:1] if largest_only else faces

    def embed(self, faces: Sequence[DetectedFace]) -> Embeddings:
        vectors = [face.judged.unit for face in faces]
        return np.array(vectors, np.float32).reshape(len(faces), self.codec.size)

    def quality_reasons(self, face: DetectedFace, quality_filter: str) -> tuple[str, ...]:
        return () if quality_filter == "NONE" or face.judged.norm > 2.8 else ("LOW_FACE_QUALITY",)


def _face(
    person: str, place: int, size: float, poor: bool, shot: int, numbers: int
) -> DetectedFace:
    left, top = 0.03 * place, 0.1
    return DetectedFace(
        box=Box(left, top, size, size),
        confidence=99.5,
        landmarks=dict.fromkeys(_LANDMARKS, (left + size / 2, top + size / 2)),
        pose=Pose(0.0, 0.0, 0.0),
        quality=Quality(50.0, 90.0),
        shift=0.0,
        judged=Judged(
            crop=np.zeros((112, 112, 3), np.uint8),
            unit=embedding_of(person, shot, size=numbers),
            norm=2.0 if poor else 3.9,
        ),
        height_px=size * 1000,
        yaw_proxy=0.0,
    )


def _judged(face: DetectedFace, attributes: Collection[str]) -> DetectedFace:
    found = {name: _JUDGEMENTS[name] for name in _JUDGEMENTS.keys() & set(attributes)}
    return replace(
        face,
        smile=found.get("SMILE"),
        mouth_open=found.get("MOUTH_OPEN"),
        eyes_open=found.get("EYES_OPEN"),
    )


def plain_png() -> bytes:
    """A real picture without a face."""
    content = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(content, "PNG")
    return content.getvalue()
