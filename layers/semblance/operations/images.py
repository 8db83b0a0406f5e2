"""The `Image` member of a request: bytes inline, or an object in a bucket that may be read."""

from typing import Any

from semblance import errors
from semblance.service import Service


def content(service: Service, image: dict[str, Any]) -> bytes:
    if ("Bytes" in image) == ("S3Object" in image):
        raise errors.InvalidParameterException(
            "Requested image should either contain bytes or s3 object."
        )
    if "Bytes" in image:
        return bytes(image["Bytes"])
    place = image["S3Object"]
    if not {"Bucket", "Name"} <= place.keys():
        raise errors.InvalidS3ObjectException("Request has invalid S3 object.")
    if not service.caller.may_read(place["Bucket"], place["Name"]):
        raise errors.InvalidS3ObjectException
    return service.images.read(place["Bucket"], place["Name"], place.get("Version")).content
