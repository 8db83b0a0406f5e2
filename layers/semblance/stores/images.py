"""Pictures in S3: those of an `S3Object`, read from the buckets that the owner has listed."""

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
        """The function's role reads for every caller, so no bucket is read that is not listed."""
        if bucket not in self._allowed:
            raise errors.InvalidS3ObjectException
        which: Any = {"Bucket": bucket, "Key": key}
        if version is not None:
            which["VersionId"] = version
        try:
            reply = self._s3.get_object(**which)
        except ParamValidationError as exc:
            raise errors.InvalidS3ObjectException from exc
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in _UNREADABLE:
                raise
            raise errors.InvalidS3ObjectException from exc
        # Entered by itself, a body gives its bare stream, which does not see that it was cut off.
        with closing(reply["Body"]) as body:
            if reply["ContentLength"] > MOST_BYTES:
                raise errors.ImageTooLargeException(
                    f"Image size is too large: {reply['ContentLength']} bytes, "
                    f"and at most {MOST_BYTES} are read from S3."
                )
            return StoredImage(body.read(), reply["Metadata"])
