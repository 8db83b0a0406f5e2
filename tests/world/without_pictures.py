"""A program: makes every call that needs no picture, then prints the libraries it has loaded."""

import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import numpy as np
from moto import mock_aws

from functions import api
from functions.runtime import storage
from semblance.contract import schema
from semblance.embedding.codec import pack

if TYPE_CHECKING:
    from types_boto3_dynamodb.literals import KeyTypeType
    from types_boto3_dynamodb.service_resource import Table

FACE_ID = "0a3f7c1e-6f0b-5d1a-8f52-3f7f6b0c9e44"
CONTEXT: Any = SimpleNamespace(aws_request_id="of-lambda", function_name="the-api-function")


def main() -> None:
    with mock_aws():
        table = _make_table()
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="semblance")
        _call("CreateCollection", CollectionId="staff")
        uid = str(table.get_item(Key=schema.collection_key("staff"))["Item"]["uid"])
        face: dict[str, Any] = {
            "image_id": FACE_ID,
            "box": [0, 0, 1, 1],
            "confidence": 99,
            "indexed_at": 1_790_000_000,
            "embedding": pack(np.full(storage.pack().embedder.codec.size, 0.1, np.float32)),
        }
        table.put_item(Item=schema.face_key(uid, FACE_ID) | face)
        assert _call("ListFaces", CollectionId="staff")["Faces"]
        _call("CreateUser", CollectionId="staff", UserId="ann")
        _call("AssociateFaces", CollectionId="staff", UserId="ann", FaceIds=[FACE_ID])
        _call("SearchFaces", CollectionId="staff", FaceId=FACE_ID)
        assert _call("SearchUsers", CollectionId="staff", FaceId=FACE_ID)["UserMatches"]
        _call("DeleteCollection", CollectionId="staff")
    sys.stdout.write(" ".join(["loaded:", *sorted({"onnxruntime", "PIL"} & set(sys.modules))]))


def _call(operation: str, **request: object) -> Any:
    event = {
        "httpMethod": "POST",
        "headers": {"X-Amz-Target": f"RekognitionService.{operation}"},
        "requestContext": {"requestId": "of-the-gateway"},
        "body": json.dumps(request),
    }
    reply = api.handler(event, CONTEXT)
    assert reply["statusCode"] == 200, reply
    return json.loads(reply["body"])


def _make_table() -> "Table":
    keys: dict[str, KeyTypeType] = {schema.PARTITION_KEY: "HASH", schema.SORT_KEY: "RANGE"}
    return boto3.resource("dynamodb").create_table(
        TableName="semblance",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
    )


if __name__ == "__main__":
    main()
