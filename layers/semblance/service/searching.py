"""Searching a collection by a probe: the gallery proposes, the stored embeddings decide.

So a similarity is exact, and a search reports neither a face that was deleted a moment ago nor one
that is past its collection's retention.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from semblance import errors
from semblance.embedding.codec import Embeddings, unpack
from semblance.gallery import CollectionTooLarge
from semblance.model.detected import DetectedFace
from semblance.model.gallery import Collection, Match, UserMatch
from semblance.service import Service, retention

DEFAULT_THRESHOLD = 80
DEFAULT_LIMIT = 80


def matching_faces(
    service: Service,
    collection: Collection,
    probe: Embeddings,
    *,
    threshold: float,
    limit: int,
    without: str | None = None,
) -> list[Match]:
    """The faces at least as similar as `threshold` (0 to 100), best first, `limit` at most.

    `probe`: shape (size,), unit length. `without`: a face id to leave out.
    """
    floor = service.similarity.least_cosine(threshold)
    hidden = int(without is not None)
    while True:
        with _memory_refused():
            candidates = service.gallery.candidates(
                collection.uid, probe, floor=floor, limit=limit + hidden
            )
        wanted = [face_id for face_id, _ in candidates]
        stored = service.faces.get_many(collection.uid, wanted)
        found = retention.kept(service, collection, stored)
        found.pop(without or "", None)
        if len(stored) < len(wanted):
            service.gallery.forget(collection.uid, set(wanted) - stored.keys())
        elif len(stored) - len(found) <= hidden:
            break
        else:  # faces past their retention, but not erased yet, took the places of other faces
            hidden = max(2 * hidden, len(stored) - len(found))
    scores = similarities(service, probe, [face.embedding for face in found.values()])
    matches = [Match(face, score) for face, score in zip(found.values(), scores, strict=True)]
    matches.sort(key=lambda match: (-match.similarity, match.face.id))
    return [match for match in matches if reaches(match.similarity, threshold)][:limit]


def matching_users(
    service: Service,
    collection: Collection,
    probe: Embeddings,
    *,
    threshold: float,
    limit: int,
    without: str | None = None,
) -> list[UserMatch]:
    """Like `matching_faces`, for users and the mean of each user's faces."""
    with _memory_refused():
        candidates = service.gallery.user_candidates(
            collection.uid,
            probe,
            floor=service.similarity.least_cosine(threshold),
            limit=limit + (without is not None),
        )
    stored = service.users.get_many(
        collection.uid, [user_id for user_id, _ in candidates if user_id != without]
    )
    users = retention.users_kept(service, collection, stored)
    scores = similarities(service, probe, [user.embedding for user in users.values()])
    matches = [UserMatch(user, score) for user, score in zip(users.values(), scores, strict=True)]
    matches.sort(key=lambda match: (-match.similarity, match.user.id))
    return [match for match in matches if reaches(match.similarity, threshold)][:limit]


def similarities(service: Service, probe: Embeddings, embeddings: Sequence[bytes]) -> list[float]:
    """Exact similarities, 0 to 100, of stored embeddings to the probe."""
    if not embeddings:
        return []
    return [float(each) for each in service.similarity.similarities(unpack(embeddings) @ probe)]


def reaches(similarity: float, threshold: float) -> bool:
    """Inclusive, and compared as float32, the type of a threshold on the wire."""
    return bool(similarity >= np.float32(threshold))


def largest_face(service: Service, image: bytes, quality_filter: str) -> DetectedFace | None:
    """The largest face that passes the filter.

    The largest of all is looked for first, since finding it alone is several times faster; the
    others only when it does not pass.
    """
    faces = service.engine.find_faces(image, largest_only=True)
    if faces and service.engine.quality_reasons(faces[0], quality_filter):
        faces = service.engine.find_faces(image)
    passing = (face for face in faces if not service.engine.quality_reasons(face, quality_filter))
    return next(passing, None)


@contextmanager
def _memory_refused() -> Iterator[None]:
    """Turns CollectionTooLarge into a refusal that is not retried: only more memory helps."""
    try:
        yield
    except CollectionTooLarge as exc:
        raise errors.InvalidParameterException(
            f"The collection is too large for this function, whose memory has room for "
            f"{exc.most_faces:,} faces: deploy with a larger api_memory_mib (worker_memory_mib for "
            "photos that are dropped into the bucket)."
        ) from exc
