"""The calibration photos: the aligned face of each, as the base pack finds it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from semblance.embedding.codec import pack
from semblance.errors import ServiceError
from semblance.stores.images import MOST_BYTES
from semblance_cli.accuracy.people import Photo
from semblance_cli.accuracy.reading import threads
from semblance_cli.accuracy.templates import CENTRAL, from_middle
from semblance_cli.pack.work import Look, Work

if TYPE_CHECKING:
    from semblance.vision.engine import Engine

_FILTER = "AUTO"
"""The filter of IndexFaces unless a caller names another."""
_COMMIT_EVERY = 32


class Face(NamedTuple):
    photo: Photo
    digest: str
    """SHA-256 of the photo."""
    crop: NDArray[np.uint8]
    """(112, 112, 3), aligned, RGB."""
    beside: bytes
    """The face as the base pack stores it."""


@dataclass(slots=True)
class Found:
    faces: list[Face] = field(default_factory=list)
    """By person."""
    refused: list[str] = field(default_factory=list)
    """Files without a face to measure, each with the reason."""


def find(
    photos: Sequence[Photo],
    engine: Engine,
    base: str,
    work: Work,
    *,
    whose: str,
    parallel: int,
    advanced: Callable[[], None],
) -> Found:
    """A face of each photo, if the quality filter keeps it. `base`: the fingerprint of the engine's
    pack. `whose`: LARGEST or CENTRAL, the face that is the person's. Raises PackError."""
    key = f"{base} {whose}"
    known = work.looks(key)

    def look(photo: Photo) -> tuple[str, Look]:
        try:
            content = photo.path.read_bytes()
        except OSError as error:
            return "", Look(error.strerror or str(error))
        digest = hashlib.sha256(content).hexdigest()
        return digest, known.get(digest) or _look(engine, content, whose)

    found = Found()
    seen: set[tuple[str, str]] = set()
    with threads(parallel) as pool:
        for number, (photo, (digest, seen_face)) in enumerate(
            zip(photos, pool.map(look, photos), strict=True), 1
        ):
            if digest and digest not in known:
                work.add_look(key, digest, seen_face)
            if number % _COMMIT_EVERY == 0:
                work.commit()
            if seen_face.crop is None:
                found.refused.append(f"{photo.file}: {seen_face.problem}")
            elif (photo.person, digest) in seen:
                found.refused.append(f"{photo.file}: the same file twice under one name")
            else:
                seen.add((photo.person, digest))
                found.faces.append(Face(photo, digest, seen_face.crop, seen_face.beside))
            advanced()
    return found


def _look(engine: Engine, content: bytes, whose: str) -> Look:
    if len(content) > MOST_BYTES:
        return Look(f"larger than {MOST_BYTES >> 20} MiB")
    try:
        faces = engine.find_faces(content)
    except ServiceError as error:
        return Look(f"{error.code}: {error}".removesuffix(": "))
    if whose == CENTRAL:
        faces = sorted(faces, key=lambda face: from_middle(face.box))[:1]
    kept = [face for face in faces if not engine.quality_reasons(face, _FILTER)]
    if not kept:
        return Look("no face of the quality that IndexFaces stores" if faces else "no face")
    (embedding,) = engine.embed(kept[:1])
    return Look(crop=kept[0].judged.crop, beside=pack(embedding))
