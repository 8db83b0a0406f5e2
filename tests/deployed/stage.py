"""The set-up of the contract tests: a collection with two people in it, and pictures in S3."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from semblance.client import sign_for_api_gateway
from semblance.protocol import shapes
from tests.contract.replies import assert_is_reply
from tools.checkout import PHOTOS
from tools.local.cloud import Deployment

NOBODY = "00000000-0000-4000-8000-000000000000"
MOST_BYTES = 15 * 2**20


@dataclass(frozen=True)
class Stage:
    """`collection` holds one face of each. Obama's is of the user `barack`, Biden's of none."""

    client: Any
    bucket: str
    collection: str
    arn: str
    obama: str
    biden: str

    @classmethod
    def on(cls, deployment: Deployment) -> "Stage":
        client = deployment.client("rekognition")
        if not deployment.own_key:
            sign_for_api_gateway(client)
        hold_to_the_model(client)
        s3, bucket = deployment.client("s3"), deployment.input_bucket
        for name, content in (
            ("obama2.jpg", photo("obama2.jpg")),
            ("solvay.jpg", photo("solvay_conference_1927.jpg")),
            ("text", b"no picture"),
            ("huge", bytes(MOST_BYTES + 1)),
        ):
            s3.put_object(Bucket=bucket, Key=f"contract/{name}", Body=content)
        collection = new_collection(client)
        obama = index(client, collection, "obama")
        biden = index(client, collection, "biden")
        for user_id in ("barack", "zoe"):
            client.create_user(CollectionId=collection, UserId=user_id)
        client.associate_faces(CollectionId=collection, UserId="barack", FaceIds=[obama])
        arn = client.describe_collection(CollectionId=collection)["CollectionARN"]
        return cls(client, bucket, collection, arn, obama, biden)

    @property
    def here(self) -> dict[str, str]:
        return {"CollectionId": self.collection}

    @property
    def barack(self) -> dict[str, str]:
        return self.here | {"UserId": "barack"}

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        return call(self.client, operation, request)

    def stored(self, name: str) -> dict[str, Any]:
        return {"S3Object": {"Bucket": self.bucket, "Name": f"contract/{name}"}}

    def elsewhere(self) -> dict[str, str]:
        """A new collection, for a test to change."""
        return {"CollectionId": new_collection(self.client)}

    def new_user(self) -> dict[str, str]:
        user = self.elsewhere() | {"UserId": "somebody"}
        self.client.create_user(**user)
        return user


def photo(name: str) -> bytes:
    return (PHOTOS / name).read_bytes()


def inline(name: str) -> dict[str, bytes]:
    return {"Bytes": photo(name)}


def new_collection(client: Any) -> str:
    collection_id = f"contract-{uuid.uuid4()}"
    client.create_collection(CollectionId=collection_id)
    return collection_id


def index(client: Any, collection_id: str, name: str) -> str:
    reply = client.index_faces(
        CollectionId=collection_id, Image=inline(f"{name}.jpg"), ExternalImageId=name
    )
    return reply["FaceRecords"][0]["Face"]["FaceId"]


def call(client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    methods = {wire: method for method, wire in client.meta.method_to_api_mapping.items()}
    return getattr(client, methods[operation])(**request)


def hold_to_the_model(client: Any) -> None:
    """boto3 ignores members that it does not know, so this checks each body before it is parsed."""
    client.meta.events.register("before-parse.rekognition", _hold_to_the_model)


def _hold_to_the_model(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    assert response_dict["headers"]["x-amzn-RequestId"]
    assert response_dict["headers"]["Content-Type"] == "application/x-amz-json-1.1"
    body = json.loads(response_dict["body"] or b"{}")
    if response_dict["status_code"] == 200:
        assert_is_reply(operation_model.name, body)
    else:
        listed = {error.name for error in shapes.operation(operation_model.name).error_shapes}
        assert body["__type"] in listed | {"ValidationException"}
