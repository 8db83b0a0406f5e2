"""An AWS account that moto emulates, with the table and the buckets of a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.backends import get_backend

from semblance.contract import schema

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import DynamoDBServiceResource, Table

REGION: Final = "eu-west-1"
ACCOUNT = "123456789012"
TABLE = "semblance"
INPUT_BUCKET = "input-bucket"
RESULTS_BUCKET = "results-bucket"
SNAPSHOTS_BUCKET = "snapshots-bucket"
UNLISTED_BUCKET = "unlisted-bucket"

_BACKENDS: Any = (get_backend("dynamodb"), get_backend("s3"), get_backend("logs"))
_KEYS = (schema.PARTITION_KEY, "HASH"), (schema.SORT_KEY, "RANGE")
_KEY_SCHEMA: Any = [{"AttributeName": name, "KeyType": kind} for name, kind in _KEYS]
_ATTRIBUTES: Any = [{"AttributeName": name, "AttributeType": "S"} for name, _ in _KEYS]
_ON_DEMAND: Final = "PAY_PER_REQUEST"


def make_table(dynamodb: DynamoDBServiceResource) -> Table:
    return dynamodb.create_table(
        TableName=TABLE,
        BillingMode=_ON_DEMAND,
        KeySchema=_KEY_SCHEMA,
        AttributeDefinitions=_ATTRIBUTES,
    )


def start_afresh() -> None:
    """Make all stores new and empty. KMS keeps its keys: making one takes 60 ms, and a key holds no
    state of a test.

    This resets moto itself. Requests took 18 ms before each of hundreds of tests.
    """
    for kind in _BACKENDS:
        for backend in kind[ACCOUNT].values():
            backend.reset()
    buckets: Any = get_backend("s3")[ACCOUNT]["aws"]
    for name in (INPUT_BUCKET, RESULTS_BUCKET, SNAPSHOTS_BUCKET, UNLISTED_BUCKET):
        buckets.create_bucket(name, REGION)
    tables: Any = get_backend("dynamodb")[ACCOUNT][REGION]
    tables.create_table(
        TABLE,
        schema=_KEY_SCHEMA,
        attr=_ATTRIBUTES,
        billing_mode=_ON_DEMAND,
        tags=[],
        **dict.fromkeys(
            (
                "throughput", "global_indexes", "indexes", "streams", "sse_specification",
                "deletion_protection_enabled", "warm_throughput",
            )
        ),
    )  # fmt: skip
