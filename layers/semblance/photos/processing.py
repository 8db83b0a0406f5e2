"""A dropped photo: searched in a collection or indexed into it, as its key says.

    search/<collection id>/<anything>
    index/<collection id>/<external image id>.<ext>

A photo that can never succeed gets the outcome ImageRejected. A fault that may pass is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from semblance import errors
from semblance.contract.layout import INDEX, NO_FACES, SEARCH, external_image_id
from semblance.embedding.codec import Embeddings
from semblance.model.detected import DetectedFace
from semblance.model.gallery import FACE_MODEL_VERSION, Collection
from semblance.photos.dropped_photo import DroppedPhoto
from semblance.protocol import shapes, wording
from semblance.service import Service, indexing, searching
from semblance.stores.images import StoredImage

if TYPE_CHECKING:
    from types_boto3_rekognition import type_defs as requests

Outcome = dict[str, Any]

SEARCHED, INDEXED, REJECTED = "FacesSearched", "FacesIndexed", "ImageRejected"
OPTIONS = {
    "face-match-threshold": ("FaceMatchThreshold", float),
    "max-faces": ("MaxFaces", int),
    "quality-filter": ("QualityFilter", str),
}
"""Metadata of the object, the request member that it sets, and its type."""
OPERATION_OF = {SEARCH: "SearchFacesByImage", INDEX: "IndexFaces"}
"""The operation that a task corresponds to, whose constraints the options must keep."""


class PhotoGoneError(Exception):
    """The announced photo cannot be read: a fault of access, not a reason to reject the picture."""


def process(service: Service, photo: DroppedPhoto) -> tuple[str, Outcome]:
    """The kind of outcome, and its members."""
    source = {"Bucket": photo.bucket, "Name": photo.key, "Version": photo.version}
    about = {"Image": {name: value for name, value in source.items() if value is not None}}
    try:
        kind, outcome = _process(service, photo, about["Image"])
    except errors.ServiceError as error:
        if error.transient:
            raise
        return REJECTED, about | {"Error": {"Code": error.code, "Message": str(error)}}
    return kind, about | outcome


def _process(service: Service, photo: DroppedPhoto, image: dict[str, str]) -> tuple[str, Outcome]:
    task, collection_id, name = photo.parts
    if not photo.parts.is_valid:
        raise errors.InvalidParameterException(
            "The key must be search/<collection id>/<name> or "
            "index/<collection id>/<external image id>.<ext>"
        )
    stored = _read(service, photo)
    asked = {"CollectionId": collection_id, "Image": {"S3Object": image}}
    asked |= _options(stored.metadata)
    if task == INDEX:
        asked["ExternalImageId"] = external_image_id(name)
    request: Any = shapes.parse_request(OPERATION_OF[task], asked)
    return (_index if task == INDEX else _search)(service, request, stored.content)


def _read(service: Service, photo: DroppedPhoto) -> StoredImage:
    try:
        return service.images.read(photo.bucket, photo.key, photo.version)
    except errors.InvalidS3ObjectException as exc:
        # S3 announced it a moment ago, so a permission was lost or the photo was deleted since.
        raise PhotoGoneError(f"s3://{photo.bucket}/{photo.key} cannot be read") from exc


def _search(
    service: Service, request: requests.SearchFacesByImageRequestTypeDef, image: bytes
) -> tuple[str, Outcome]:
    collection = service.searchable(request["CollectionId"])
    found = service.engine.find_faces(image)
    if not found:
        raise errors.InvalidParameterException(NO_FACES)
    return SEARCHED, {
        "CollectionId": collection.id,
        "FaceModelVersion": FACE_MODEL_VERSION,
        "Faces": _searched(service, collection, found, request),
    }


def _searched(
    service: Service,
    collection: Collection,
    found: list[DetectedFace],
    request: requests.SearchFacesByImageRequestTypeDef,
) -> list[dict[str, Any]]:
    quality_filter = request.get("QualityFilter", "NONE")
    reasons = [service.engine.quality_reasons(face, quality_filter) for face in found]
    usable = [face for face, dropped in zip(found, reasons, strict=True) if not dropped]
    embeddings = iter(service.engine.embed(usable))
    return [
        wording.face_detail(face)
        | {
            "Reasons": list(dropped),
            "FaceMatches": []
            if dropped
            else _matches(service, collection, next(embeddings), request),
        }
        for face, dropped in zip(found, reasons, strict=True)
    ]


def _matches(
    service: Service,
    collection: Collection,
    probe: Embeddings,
    request: requests.SearchFacesByImageRequestTypeDef,
) -> list[dict[str, Any]]:
    matches = searching.matching_faces(
        service,
        collection,
        probe,
        threshold=request.get("FaceMatchThreshold", searching.DEFAULT_THRESHOLD),
        limit=request.get("MaxFaces", searching.DEFAULT_LIMIT),
    )
    return [wording.face_match(match) for match in matches]


def _index(
    service: Service, request: requests.IndexFacesRequestTypeDef, image: bytes
) -> tuple[str, Outcome]:
    collection = service.searchable(request["CollectionId"])
    options = indexing.IndexOptions(
        external_image_id=request.get("ExternalImageId"),
        max_faces=request.get("MaxFaces", indexing.MOST_FACES_INDEXED),
        quality_filter=request.get("QualityFilter", "AUTO"),
    )
    indexed = indexing.index_faces(service, collection, image, options)
    if not indexed.faces and not indexed.unindexed:
        raise errors.InvalidParameterException(NO_FACES)
    return INDEXED, {"CollectionId": collection.id, **wording.indexed_faces(*indexed)}


def _options(metadata: dict[str, str]) -> dict[str, Any]:
    """The options that the photo's own metadata sets, as members of a request."""
    options = {}
    for name, (member, convert) in OPTIONS.items():
        if name in metadata:
            try:
                options[member] = convert(metadata[name])
            except ValueError as exc:
                raise errors.InvalidParameterException(
                    f"The object's metadata {name} is not a number: {metadata[name]}"
                ) from exc
    return options
