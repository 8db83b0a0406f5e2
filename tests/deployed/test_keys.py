"""Semblance's own access keys, over HTTP, with IAM enforced on the functions."""

import pytest
import urllib3
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from semblance.operations.table import OPERATIONS
from tests.contract.ill_formed import sound
from tests.deployed.stage import call
from tests.deployed.test_access import fetch
from tests.world.stage import inline
from tools.local.emulator import ACCOUNT, REGION, ROOT

CERTIFICATE = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def stranger(with_keys, stranger_key):
    return with_keys.client("rekognition", **stranger_key)


@pytest.fixture(scope="module")
def owner(with_keys):
    client = with_keys.client("rekognition")
    client.create_collection(CollectionId="of-the-owner")
    return client


@pytest.fixture(scope="module")
def any_request():
    obama = inline("obama.jpg")
    return {
        "CollectionId": "of-the-owner", "UserId": "ann", "Image": obama,
        "FaceId": "00000000-0000-4000-8000-000000000000",
        "FaceIds": ["00000000-0000-4000-8000-000000000000"], "Tags": {"a": "b"}, "TagKeys": ["a"],
        "ResourceArn": "arn:aws:rekognition:us-east-1:000000000000:collection/of-the-owner",
        "SourceImage": obama, "TargetImage": obama,
    }  # fmt: skip


def test_a_stranger_sees_nothing(owner, stranger):
    assert stranger.list_collections()["CollectionIds"] == []


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name != "ListCollections"])
def test_a_stranger_is_denied(owner, stranger, any_request, operation):
    request = {name: any_request.get(name, least) for name, least in sound(operation).items()}
    with pytest.raises(stranger.exceptions.AccessDeniedException) as caught:
        call(stranger, operation, **request)
    reply = caught.value.response
    assert f"is not authorized to perform: rekognition:{operation}" in reply["Error"]["Message"]
    assert reply["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert reply["ResponseMetadata"]["RetryAttempts"] == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "mistyped"}, "InvalidSignatureException"),
        (ROOT, "UnrecognizedClientException"),
        ({"AWS_SESSION_TOKEN": "of-another"}, "UnrecognizedClientException"),
    ],
)
def test_other_credentials_are_refused(with_keys, changes, code):
    credentials = {name.lower(): value for name, value in (with_keys.own_key | changes).items()}
    client = with_keys.client("rekognition", **credentials)
    with pytest.raises(ClientError) as caught:
        client.list_collections()
    assert caught.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "MissingAuthenticationTokenException"),
        ({"Authorization": "Bearer token"}, "IncompleteSignatureException"),
    ],
)
def test_an_unsigned_request_is_refused(with_keys, headers, code):
    target = {"X-Amz-Target": "RekognitionService.ListCollections"}
    status, body = fetch(with_keys, "POST", target | headers)
    assert (status, body["__type"]) == (400, code)


@pytest.mark.parametrize(
    "url",
    [
        "https://{api_id}.execute-api.localhost",
        "https://{api_id}.execute-api.localhost/",
        "https://faces.example.com/faces",
        "https://faces.example.com/faces/",
    ],
)
def test_an_endpoint_works_when_its_path_is_listed(with_keys, owner, custom_domain, url):
    """The request goes to the local cloud, under the host name that the client uses."""
    client = behind(with_keys, url.format(api_id=with_keys.outputs["ApiId"]))
    assert "of-the-owner" in client.list_collections()["CollectionIds"]


def test_a_signature_for_an_unlisted_path_is_refused(with_keys, custom_domain):
    client = behind(with_keys, "https://faces.example.com/other/")
    with pytest.raises(ClientError) as caught:
        client.list_collections()
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"


@pytest.fixture(scope="module")
def custom_domain(with_keys):
    """faces.example.com with the paths /faces/ and /other/, both mapped to the API's stage."""
    gateway = with_keys.client("apigatewayv2")
    gateway.create_domain_name(
        DomainName="faces.example.com",
        DomainNameConfigurations=[{"EndpointType": "REGIONAL", "CertificateArn": CERTIFICATE}],
    )
    for path in ("faces", "other"):
        gateway.create_api_mapping(
            DomainName="faces.example.com",
            ApiMappingKey=path,
            ApiId=with_keys.outputs["ApiId"],
            Stage="$default",
        )


def behind(deployment, url):
    """A client of that endpoint that sends all its requests to the local cloud."""
    key = {name.lower(): value for name, value in deployment.own_key.items()}
    client = deployment.client("rekognition", endpoint_url=url, **key)
    pool = urllib3.PoolManager(ca_certs=str(deployment.emulator.certificate.bundle))

    def send(request, **_):
        parts = urllib3.util.parse_url(request.url)
        reply = pool.request(
            request.method,
            deployment.emulator.url + (parts.path or "/"),
            headers={**dict(request.headers.items()), "Host": parts.host},
            body=request.body,
            preload_content=False,
            retries=False,
        )
        return AWSResponse(request.url, reply.status, reply.headers, reply)

    client.meta.events.register("before-send.rekognition", send)
    return client
