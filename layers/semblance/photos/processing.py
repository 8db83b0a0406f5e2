"""A photo in the input bucket: searched in a collection or indexed into it, by its key.

    search/<collection id>/<anything>
    index/<collection id>/<external image id>.<ext>

What can never work is an outcome, ImageRejected; what may work later is raised.
"""

from dataclasses import dataclass
from posixpath import splitext
from typing import Any

from semblance import errors
from semblance.model.detected import DetectedFace
from semblance.model.gallery import FACE_MODEL_VERSION
from semblance.operations import faces, search
from semblance.protocol import shapes, wording
from semblance.service import Service
from semblance.stores.images import StoredImage

SEARCHED, INDEXED, REJECTED = "FacesSearched", "FacesIndexed", "ImageRejected"
OPTIONS = {
    "face-match-threshold": ("FaceMatchThreshold", float),
    "max-faces": ("MaxFaces", int),
    "quality-filter": ("QualityFilter", str),
}


class PhotoGoneError(Exception):
    """The photo that there was word of cannot be read: a fault, and not the picture's."""


@dataclass(frozen=True, slots=True)
class Photo:
    bucket: str
    key: str
    version: str | None = None
    etag: str = ""
    sequencer: str = ""
    """S3's: of two events of one key, the later one's is higher (see `stores.outcomes`)."""
    put_by: str | None = None
    """The principal that S3 names as the one who did."""

    @property
    def identity(self) -> dict[str, str]:
        """The same in every delivery of this version, and in no other's."""
        place = {"bucket": self.bucket, "key": self.key}
        if self.version is not None:
            return place | {"version": self.version}
        return place | {"etag": self.etag, "sequencer": self.sequencer}


def process(service: Service, photo: Photo) -> tuple[str, dict[str, Any]]:
    """The kind of outcome and what there is to say of it."""
    source = {"Bucket": photo.bucket, "Name": photo.key, "Version": photo.version}
    about = {"Image": {name: value for name, value in source.items() if value is not None}}
    try:
        kind, outcome = _process(service, photo, about["Image"])
    except errors.ServiceError as error:
        if error.transient:
            raise
        return REJECTED, about | {"Error": {"Code": error.code, "Message": str(error)}}
    return kind, about | outcome


def _process(service: Service, photo: Photo, image: dict[str, str]) -> tuple[str, dict[str, Any]]:
    task, _, rest = photo.key.partition("/")
    collection_id, _, name = rest.partition("/")
    if task not in _TASKS or not name:
        raise errors.InvalidParameterException(
            "The key must be search/<collection id>/<name> or "
            "index/<collection id>/<external image id>.<ext>"
        )
    stored = _read(service, photo)
    request = {"CollectionId": collection_id, "Image": {"S3Object": image}}
    return _TASKS[task](service, request | _options(stored.metadata), name, stored.content)


def _read(service: Service, photo: Photo) -> StoredImage:
    try:
        return service.images.read(photo.bucket, photo.key, photo.version)
    except errors.InvalidS3ObjectException as exc:
        # S3 told of it a moment ago: a lost permission, or somebody was quicker. Not the photo's.
        raise PhotoGoneError(f"s3://{photo.bucket}/{photo.key} cannot be read") from exc


def _search(
    service: Service, request: dict[str, Any], _: str, image: bytes
) -> tuple[str, dict[str, Any]]:
    request = shapes.parse_request("SearchFacesByImage", request)
    collection = service.searchable(request["CollectionId"])
    found = _found(service, image)
    quality_filter = request.get("QualityFilter", "NONE")
    searched = []
    for face in found:
        reasons = service.engine.quality_reasons(face, quality_filter)
        matches = [] if reasons else search.matches_of(service, collection, face.embedding, request)
        searched.append(
            wording.face_detail(face)
            | {"Reasons": list(reasons), "FaceMatches": [wording.face_match(m) for m in matches]}
        )
    return SEARCHED, {
        "CollectionId": collection.id,
        "FaceModelVersion": FACE_MODEL_VERSION,
        "Faces": searched,
    }


def _index(
    service: Service, request: dict[str, Any], name: str, image: bytes
) -> tuple[str, dict[str, Any]]:
    request = shapes.parse_request("IndexFaces", request | {"ExternalImageId": splitext(name)[0]})
    reply = faces.index_faces(service, request | {"Image": {"Bytes": image}})
    if not reply["FaceRecords"] and not reply["UnindexedFaces"]:
        raise errors.InvalidParameterException(search.NO_FACES)
    return INDEXED, {"CollectionId": request["CollectionId"], **reply}


_TASKS = {"search": _search, "index": _index}


def _found(service: Service, image: bytes) -> list[DetectedFace]:
    found = service.engine.find_faces(image)
    if not found:
        raise errors.InvalidParameterException(search.NO_FACES)
    return found


def _options(metadata: dict[str, str]) -> dict[str, Any]:
    """What the photo's own metadata asks for, in the words of the API."""
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
