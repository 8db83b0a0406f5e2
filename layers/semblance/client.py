"""For callers: makes a boto3 client sign its requests for API Gateway's IAM authorizer."""

from typing import Any, TypeVar

from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient

Client = TypeVar("Client", bound=BaseClient)


def sign_for_api_gateway(client: Client) -> Client:
    """Make `client` sign for API Gateway's service name; returns the same client.

    boto3 signs a `rekognition` call for the service `rekognition`. API Gateway's IAM authorizer
    accepts signatures for `execute-api` alone, whichever service is behind it.
    """
    client.meta.events.register("before-sign", _name_api_gateway, unique_id="semblance-signing")
    return client


def _name_api_gateway(request: AWSRequest, **_: Any) -> None:
    request.context.setdefault("signing", {})["signing_name"] = "execute-api"
