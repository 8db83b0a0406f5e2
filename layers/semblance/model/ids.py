"""Ids that derive from content, so that a repeated call finds the faces that the first stored."""

import hashlib
import uuid

from semblance.model.detected import Box

_NAMESPACE = uuid.UUID("5e3b1a4c-0f7d-5c55-9d4e-7a5b1f0c2d31")
_BOX_DECIMALS = 3
"""Two machines may differ in a box's last digits; two faces of one picture differ in the third."""


def image_id(image: bytes) -> str:
    return str(uuid.uuid5(_NAMESPACE, hashlib.sha256(image).hexdigest()))


def face_id(uid: str, image: str, external_image_id: str | None, box: Box) -> str:
    edges = (box.left, box.top, box.width, box.height)
    place = ",".join(f"{round(edge, _BOX_DECIMALS) + 0.0:.{_BOX_DECIMALS}f}" for edge in edges)
    return str(uuid.uuid5(_NAMESPACE, "/".join((uid, image, external_image_id or "", place))))


def successor(deleted_face_id: str) -> str:
    """The id of the same face indexed again after it was deleted: no id is ever used twice."""
    return str(uuid.uuid5(_NAMESPACE, deleted_face_id))
