"""Which IAM actions a call of AWS needs: the one place that knows.

From the service authorization reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/.
"""

from collections.abc import Mapping
from typing import Any

_TRANSACTED = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Get": "dynamodb:GetItem",
}
OTHERWISE_CALLED = {
    ("s3", "AbortMultipartUpload"): "s3:AbortMultipartUpload",
    ("s3", "CompleteMultipartUpload"): "s3:PutObject",
    ("s3", "CreateMultipartUpload"): "s3:PutObject",
    ("s3", "DeleteObjects"): "s3:DeleteObject",
    ("s3", "GetBucketNotificationConfiguration"): "s3:GetBucketNotification",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "ListObjects"): "s3:ListBucket",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "ListObjectVersions"): "s3:ListBucketVersions",
    ("s3", "ListMultipartUploads"): "s3:ListBucketMultipartUploads",
    ("s3", "PutBucketNotificationConfiguration"): "s3:PutBucketNotification",
    ("s3", "UploadPart"): "s3:PutObject",
}
_OF_A_VERSION = {"s3:DeleteObject": "s3:DeleteObjectVersion", "s3:GetObject": "s3:GetObjectVersion"}


def needed(service: str, operation: str, request: Mapping[str, Any]) -> set[str]:
    """`service`: as botocore calls it; `operation` and `request`: as the API does."""
    if operation in ("TransactWriteItems", "TransactGetItems"):
        return {_TRANSACTED[kind] for item in request["TransactItems"] for kind in item}
    if operation == "HeadObject":
        operation = "GetObject"
    action = OTHERWISE_CALLED.get((service, operation), f"{service}:{operation}")
    if "VersionId" in request:
        return {_OF_A_VERSION[action]}
    return {action}
