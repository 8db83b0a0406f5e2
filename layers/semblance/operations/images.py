"""The `Image` member of a request: inline bytes, or an object in a bucket that the owner listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from semblance import errors
from semblance.service import Service

if TYPE_CHECKING:
    from types_boto3_rekognition.type_defs import ImageTypeDef


def content(service: Service, image: ImageTypeDef) -> bytes:
    """Raises InvalidParameterException, InvalidS3ObjectException and ImageTooLargeException."""
    if ("Bytes" in image) == ("S3Object" in image):
        raise errors.InvalidParameterException(
            "Requested image should either contain bytes or s3 object."
        )
    if "Bytes" in image:
        inline: Any = image["Bytes"]
        return bytes(inline)
    place = image["S3Object"]
    if "Bucket" not in place or "Name" not in place:
        raise errors.InvalidS3ObjectException("Request has invalid S3 object.")
    if not service.caller.may_read(place["Bucket"], place["Name"]):
        raise errors.InvalidS3ObjectException
    return service.images.read(place["Bucket"], place["Name"], place.get("Version")).content
