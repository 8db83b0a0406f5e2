"""Indexing a picture: chooses the faces to keep, derives their ids and stores them."""

from __future__ import annotations

from collections.abc import Collection as CollectionOf
from dataclasses import dataclass
from typing import NamedTuple

from semblance.embedding.codec import Embeddings, pack
from semblance.model import ids
from semblance.model.detected import Box, DetectedFace
from semblance.model.gallery import Collection, Face
from semblance.service import Service, retention

MOST_FACES_INDEXED = 100
"""The most faces of one picture. A larger MaxFaces is accepted and means this."""
_STORED_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexOptions:
    """Which faces of a picture to index, and how."""

    external_image_id: str | None = None
    max_faces: int = MOST_FACES_INDEXED
    quality_filter: str = "AUTO"
    judgements: CollectionOf[str] = ()
    """Which of SMILE, MOUTH_OPEN and EYES_OPEN to judge."""


class Unindexed(NamedTuple):
    face: DetectedFace
    reasons: tuple[str, ...]


class Indexed(NamedTuple):
    faces: list[Face]
    """As the table holds them, largest first."""
    detected: list[DetectedFace]
    """One for each of `faces`."""
    unindexed: list[Unindexed]


def index_faces(
    service: Service, collection: Collection, image: bytes, options: IndexOptions
) -> Indexed:
    chosen, unindexed = _choose(service, image, options)
    image_id = ids.image_id(image)
    faces = [
        _to_face(service, detected, embedding, collection.uid, image_id, options.external_image_id)
        for detected, embedding in zip(chosen, service.engine.embed(chosen), strict=True)
    ]
    retention.make_way(service, collection, [face.id for face in faces])
    stored = service.faces.add(collection.uid, faces)
    service.collections.count(collection, faces=stored.new)
    return Indexed(stored.faces, chosen, unindexed)


def _choose(
    service: Service, image: bytes, options: IndexOptions
) -> tuple[list[DetectedFace], list[Unindexed]]:
    """The faces to index, largest first, and the others with the reasons."""
    passed: list[DetectedFace] = []
    unindexed: list[Unindexed] = []
    for face in service.engine.find_faces(image, attributes=options.judgements):
        reasons = service.engine.quality_reasons(face, options.quality_filter)
        if reasons:
            unindexed.append(Unindexed(face, reasons))
        else:
            passed.append(face)
    kept = _best(service, passed, min(options.max_faces, MOST_FACES_INDEXED))
    surplus = [Unindexed(face, ("EXCEEDS_MAX_FACES",)) for face in passed if face not in kept]
    return kept, surplus + unindexed


def _best(service: Service, faces: list[DetectedFace], limit: int) -> list[DetectedFace]:
    """Of too many faces, those of low quality go first, then the smallest."""
    poor = [bool(service.engine.quality_reasons(face, "AUTO")) for face in faces]
    best = sorted(range(len(faces)), key=lambda place: (poor[place], place))[:limit]
    return [faces[place] for place in sorted(best)]


def _to_face(
    service: Service,
    detected: DetectedFace,
    embedding: Embeddings,
    uid: str,
    image_id: str,
    external_image_id: str | None,
) -> Face:
    box = detected.box
    edges = (box.left, box.top, box.width, box.height)
    return Face(
        id=ids.face_id(uid, image_id, external_image_id, box),
        image_id=image_id,
        box=Box(*(round(float(edge), _STORED_DECIMALS) for edge in edges)),
        confidence=round(float(detected.confidence), _STORED_DECIMALS),
        embedding=pack(embedding),
        indexed_at=service.clock(),
        external_image_id=external_image_id,
    )
