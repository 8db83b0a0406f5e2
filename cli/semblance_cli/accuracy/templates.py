"""Templates: the faces of one photo as the product would store them, and what a filter says."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from functools import partial
from math import hypot
from typing import TYPE_CHECKING, Any

from semblance.embedding.codec import Embeddings, pack
from semblance.errors import ServiceError
from semblance.model.detected import Box, DetectedFace
from semblance.stores.images import MOST_BYTES

if TYPE_CHECKING:
    from semblance.vision.engine import Engine

FILTERS = ("NONE", "AUTO", "LOW", "MEDIUM", "HIGH")
"""The values of QualityFilter."""
LARGEST, CENTRAL = "largest", "central"
"""Which face of a photo is its person's."""


@dataclass(frozen=True, slots=True)
class Template:
    embedding: bytes
    """As it is stored: float16."""
    box: Box
    reasons: Mapping[str, tuple[str, ...]]
    """Filter to the reasons for which it drops the face; filters that keep it are left out."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome of one photo."""

    faces: tuple[Template, ...] = ()
    """Largest first."""
    problem: str = ""
    """Why the photo is refused: empty when it was read."""

    def candidates(self, whose: str = LARGEST) -> tuple[Template, ...]:
        """The faces that may be the person's, the likeliest first: all of them, the largest first,
        as in a search with this photo; or the one nearest to the middle alone."""
        if whose == LARGEST:
            return self.faces
        return tuple(sorted(self.faces, key=lambda face: from_middle(face.box))[:1])

    def dumped(self) -> str:
        faces = [
            [b64encode(face.embedding).decode(), astuple(face.box), face.reasons]
            for face in self.faces
        ]
        return json.dumps({"faces": faces, "problem": self.problem})


def loaded(text: str) -> Reading:
    """The reading that `dumped` wrote."""
    content = json.loads(text)
    return Reading(tuple(map(_template, content["faces"])), content["problem"])


def read(engine: Engine, photo: bytes) -> Reading:
    """All faces, with the full passes: as IndexFaces finds them. A refused photo is an outcome;
    missing weights are not, and raise PackError."""
    if len(photo) > MOST_BYTES:
        return Reading(problem=f"larger than {MOST_BYTES >> 20} MiB")
    try:
        faces = engine.find_faces(photo)
    except ServiceError as error:
        return Reading(problem=f"{error.code}: {error}".removesuffix(": "))
    return Reading(tuple(map(partial(_stored, engine), faces, engine.embed(faces))))


def from_middle(box: Box) -> float:
    """In fractions of the picture."""
    return hypot(box.left + box.width / 2 - 0.5, box.top + box.height / 2 - 0.5)


def _stored(engine: Engine, face: DetectedFace, embedding: Embeddings) -> Template:
    reasons = {each: engine.quality_reasons(face, each) for each in FILTERS}
    box = face.box
    return Template(
        pack(embedding),
        Box(float(box.left), float(box.top), float(box.width), float(box.height)),
        {each: found for each, found in reasons.items() if found},
    )


def _template(entry: list[Any]) -> Template:
    embedding, box, reasons = entry
    return Template(
        b64decode(embedding), Box(*box), {each: tuple(found) for each, found in reasons.items()}
    )
