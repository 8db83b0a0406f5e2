"""The stage of the specimens on a deployment, with boto3 between the two."""

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from semblance.client import sign_for_api_gateway
from semblance.protocol import shapes
from tests.contract.replies import assert_is_reply
from tests.world import stage
from tools.local.cloud import Deployment

if TYPE_CHECKING:
    from botocore.model import OperationModel


@dataclass(frozen=True, kw_only=True)
class Stage(stage.Stage):
    client: Any

    @classmethod
    def on(cls, deployment: Deployment) -> Self:
        client = deployment.client("rekognition")
        if not deployment.own_key:
            sign_for_api_gateway(client)
        hold_to_the_model(client)
        s3, bucket = deployment.client("s3"), deployment.input_bucket
        return cls.set_up(partial(call, client), s3, bucket, client=client)


def call(client: Any, operation: str, **request: Any) -> dict[str, Any]:
    methods = {wire: method for method, wire in client.meta.method_to_api_mapping.items()}
    reply: dict[str, Any] = getattr(client, methods[operation])(**request)
    return reply


def hold_to_the_model(client: Any) -> None:
    """boto3 ignores members that it does not know, so this checks every body before boto3 parses
    it."""
    client.meta.events.register("before-parse.rekognition", _hold_to_the_model)


def _hold_to_the_model(
    operation_model: "OperationModel", response_dict: dict[str, Any], **_: Any
) -> None:
    assert response_dict["headers"]["x-amzn-RequestId"]
    assert response_dict["headers"]["Content-Type"] == "application/x-amz-json-1.1"
    body = json.loads(response_dict["body"] or b"{}")
    if response_dict["status_code"] == 200:
        assert_is_reply(operation_model.name, body)
    else:
        listed = {error.name for error in shapes.operation(operation_model.name).error_shapes}
        assert body["__type"] in listed | {"ValidationException"}
