"""Both kinds of gateway over HTTP: their endpoints with and without a slash, and browsers."""

import pytest
import urllib3

from semblance.client import sign_for_api_gateway
from semblance.contract import cors
from tests.deployed.conftest import ORIGINS

PAGE = ORIGINS["REST"][0]
STRANGER = "https://other.example.com"


@pytest.fixture(params=["REST", "HTTP"])
def gateway(request):
    """A deployment with a gateway of this kind."""
    found = request.getfixturevalue("deployment" if request.param == "REST" else "with_keys")
    assert found.outputs["ApiKind"] == request.param
    return found


@pytest.fixture
def origins(gateway):
    return ORIGINS[gateway.outputs["ApiKind"]]


def client_of(gateway, **options):
    client = gateway.client("rekognition", **options)
    return client if gateway.own_key else sign_for_api_gateway(client)


@pytest.mark.parametrize("ending", ["", "/"])
def test_a_slash_after_the_endpoint_makes_no_difference(gateway, ending):
    assert not gateway.api_url.endswith("/")
    client = client_of(gateway, endpoint_url=gateway.api_url + ending)
    assert "CollectionIds" in client.list_collections()


def test_clients_of_an_http_api_see_the_request_id(with_keys):
    """The function sends it, since the gateway does not."""
    metadata = client_of(with_keys).list_collections()["ResponseMetadata"]
    assert len(metadata["RequestId"]) == len("01234567-89ab-cdef-0123-456789abcdef")


def send(gateway, method, headers):
    trust = str(gateway.emulator.certificate.bundle)
    return urllib3.PoolManager(ca_certs=trust).request(
        method, gateway.api_url + "/", headers=headers, body=b"{}", retries=False, timeout=30
    )


def preflight(gateway, origin):
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": ",".join(cors.ALLOWED_HEADERS),
    }
    return send(gateway, "OPTIONS", {"Origin": origin, **asked})


def test_a_preflight_is_answered_without_a_signature(gateway):
    reply = preflight(gateway, PAGE)
    assert reply.status == 204
    assert reply.headers["Access-Control-Allow-Origin"] == PAGE
    assert reply.headers["Access-Control-Allow-Methods"] == "POST"
    assert reply.headers["Access-Control-Allow-Headers"].split(",") == list(cors.ALLOWED_HEADERS)
    assert reply.headers["Access-Control-Max-Age"] == "7200"
    assert "Access-Control-Allow-Credentials" not in reply.headers


def test_a_preflight_from_another_page_fails(gateway):
    """A browser compares the header with the page's own origin."""
    assert preflight(gateway, STRANGER).headers.get("Access-Control-Allow-Origin") != STRANGER


def test_pages_may_read_a_reply_and_its_request_id(gateway, origins):
    for origin in origins:
        headers = headers_for(gateway, origin)
        assert headers["access-control-allow-origin"] == origin
        assert "x-amzn-RequestId" in headers["access-control-expose-headers"].split(",")
        assert headers["vary"] == "Origin"


def headers_for(gateway, origin):
    client = client_of(gateway)
    client.meta.events.register(
        "before-sign.rekognition", lambda request, **_: request.headers.add_header("Origin", origin)
    )
    return client.list_collections()["ResponseMetadata"]["HTTPHeaders"]


def test_pages_may_read_a_refusal(gateway, origins):
    """Of an unsigned request: the REST API refuses it itself, the HTTP API's function does."""
    code = "MissingAuthenticationTokenException"
    for origin in origins:
        target = {"X-Amz-Target": "RekognitionService.ListCollections"}
        reply = send(gateway, "POST", {"Origin": origin, **target})
        assert (reply.status, reply.json()["__type"]) == (400, code)
        assert reply.headers["Access-Control-Allow-Origin"] == origin
        assert reply.headers["x-amzn-ErrorType"] == code


def test_any_other_method_is_an_unknown_operation(gateway):
    reply = send(gateway, "PUT", {})
    assert (reply.status, reply.json()["__type"]) == (400, "UnknownOperationException")
    assert reply.headers["x-amzn-ErrorType"] == "UnknownOperationException"
