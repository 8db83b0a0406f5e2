"""Polls for the result of a dropped photo, since nothing announces it to a test."""

from typing import TYPE_CHECKING, Any

from tools.local import waiting
from tools.local.cloud import Deployment

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

TIMEOUT_S = 30


def awaited(
    s3: "S3Client", deployment: Deployment, photo_key: str, *, seconds: float = TIMEOUT_S
) -> Any:
    return waiting.result(s3, deployment.results_bucket, photo_key, seconds=seconds)
