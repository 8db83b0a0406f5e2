"""sign_for_api_gateway, judged by the Authorization header that goes out."""

import re

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from semblance.client import sign_for_api_gateway


@pytest.fixture
def sent():
    """The requests that any `client` of this test has sent."""
    return []


@pytest.fixture
def client(sent):
    def make(service="rekognition", region="eu-central-1", endpoint_url=None, statuses=()):
        made = boto3.client(
            service,
            region_name=region,
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="secret",  # noqa: S106
            endpoint_url=endpoint_url,
            config=Config(retries={"mode": "standard", "max_attempts": 2}),
        )
        made.meta.events.register("before-send", _Answer(sent, list(statuses)))
        return made

    return make


class _Answer:
    """Keeps each request and answers it with the next status, or 200 when none is left."""

    def __init__(self, sent, statuses):
        self._sent, self._statuses = sent, statuses

    def __call__(self, request, **_):
        self._sent.append(request)
        status = self._statuses.pop(0) if self._statuses else 200
        return AWSResponse(request.url, status, {}, _Body())


class _Body:
    def stream(self):
        yield b"{}"


def scope(request):
    """The (region, service) in the request's signature."""
    authorization = request.headers["Authorization"].decode()
    found = re.search(r"Credential=AKIDEXAMPLE/\d{8}/([^/]+)/([^/]+)/aws4_request", authorization)
    return found.groups()


@pytest.mark.slow
def test_rekognition_signs_for_itself_without_the_helper(client, sent):
    client().list_collections()
    assert scope(sent[0]) == ("eu-central-1", "rekognition")


@pytest.mark.parametrize("region", ["eu-central-1", "us-west-2"])
def test_signs_for_execute_api_in_the_clients_region(client, sent, region):
    sign_for_api_gateway(client(region=region)).list_collections()
    assert scope(sent[0]) == (region, "execute-api")


def test_the_signature_differs_from_one_for_rekognition(client, sent):
    plain, signed = client(), sign_for_api_gateway(client())
    plain.list_collections()
    signed.list_collections()
    signatures = {request.headers["Authorization"].decode()[-64:] for request in sent}
    assert len(signatures) == 2


def test_every_operation_and_endpoint_is_covered(client, sent):
    signed = sign_for_api_gateway(client(endpoint_url="https://abc.example.com/prod/"))
    signed.create_collection(CollectionId="staff")
    signed.search_faces(CollectionId="staff", FaceId="0d5ef65c-8b2c-4d8c-8e0c-1c5b1f0d9d5b")
    assert [scope(request)[1] for request in sent] == ["execute-api", "execute-api"]
    assert sent[0].url == "https://abc.example.com/prod/"


def test_a_retry_is_signed_for_execute_api_too(client, sent):
    sign_for_api_gateway(client(statuses=[500])).list_collections()
    assert [scope(request)[1] for request in sent] == ["execute-api", "execute-api"]


@pytest.mark.slow
def test_other_clients_are_left_alone(client, sent):
    sign_for_api_gateway(client())
    client().list_collections()
    client(service="dynamodb").list_tables()
    assert [scope(request)[1] for request in sent] == ["rekognition", "dynamodb"]


def test_returns_its_client_and_may_be_called_twice(client, sent):
    signed = client()
    assert sign_for_api_gateway(sign_for_api_gateway(signed)) is signed
    signed.list_collections()
    assert scope(sent[0]) == ("eu-central-1", "execute-api")
