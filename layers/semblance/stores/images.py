"""Pictures in S3 that an `S3Object` names, read from the buckets that the owner has listed."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError, ParamValidationError

from semblance import errors

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MOST_BYTES = 15 * 1024 * 1024
_UNREADABLE = {
    "400", "403", "404", "405",
    "AccessDenied", "InvalidArgument", "InvalidBucketName", "MethodNotAllowed",
    "NoSuchBucket", "NoSuchKey", "NoSuchVersion", "PermanentRedirect",
    "InvalidObjectState", "KMS.DisabledException", "IllegalLocationConstraintException",
}  # fmt: skip


class StoredImage(NamedTuple):
    content: bytes
    metadata: dict[str, str]


class ImageBuckets:
    def __init__(self, s3: S3Client, allowed: Collection[str]) -> None:
        self._s3 = s3
        self._allowed = allowed

    def read(self, bucket: str, key: str, version: str | None = None) -> StoredImage:
        """Reads listed buckets only, since the function's role reads for every caller.

        Raises InvalidS3ObjectException and ImageTooLargeException.
        """
        if bucket not in self._allowed:
            raise errors.InvalidS3ObjectException
        place: Any = {"Bucket": bucket, "Key": key}
        if version is not None:
            place["VersionId"] = version
        try:
            reply = self._s3.get_object(**place)
        except ParamValidationError as exc:
            raise errors.InvalidS3ObjectException from exc
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in _UNREADABLE:
                raise
            raise errors.InvalidS3ObjectException from exc
        # Not `with reply["Body"]`: that gives the raw stream, which does not notice a cut-off body.
        with closing(reply["Body"]) as body:
            if reply["ContentLength"] > MOST_BYTES:
                raise errors.ImageTooLargeException(
                    f"Image size is too large: {reply['ContentLength']} bytes, "
                    f"and at most {MOST_BYTES} are read from S3."
                )
            return StoredImage(body.read(), reply["Metadata"])
