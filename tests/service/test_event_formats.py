"""The three senders of a request: a REST API, an HTTP API, and a Lambda function URL."""

from types import SimpleNamespace

import pytest

from functions import api
from semblance.access.caller import Caller
from tests.service.test_keys import HOST, TARGET, authorization, header, refusal
from tests.service.test_keys import changed as tampered
from tests.service.test_seen_from_outside import emitted, environment  # noqa: F401  (fixtures)
from tests.world.service import from_function_url, from_http_api, proxy_event

CONTEXT = SimpleNamespace(aws_request_id="of-lambda", function_name="the-api-function")
SENDERS = pytest.mark.parametrize("sent", [dict, from_http_api, from_function_url])
FACES = "https://faces.example.com"
OTHER = "https://other.example.com"


def respond(event, service, origins=(), lines=None):
    write = (lines if lines is not None else []).append
    return api.respond(event, CONTEXT, lambda: service, write, origins=origins)


@SENDERS
def test_a_signed_call_is_let_in(deployment, key, sent):
    event = key.signed("CreateCollection", '{"CollectionId": "staff", "Tags": {"a": "Größe"}}')
    assert deployment.send(sent(event))[0] == 200


@SENDERS
@pytest.mark.parametrize(
    "change",
    [
        lambda event: event.update(body="{ }"),
        lambda event: event.update(httpMethod="PUT"),
        header("Host", "evil.example.com"),
        header("X-Amz-Target", TARGET),
        authorization("Signature=", "Signature=0"),
    ],
    ids=["body", "method", "host", "target", "signature"],
)
def test_a_change_to_a_signed_part_is_refused(deployment, key, sent, change):
    event = tampered(key.signed(), change)
    assert refusal(deployment, sent(event))[0] == "InvalidSignatureException"


@SENDERS
@pytest.mark.parametrize("name", ["Host", "X-Amz-Date", "X-Amz-Target", "X-Amz-Content-SHA256"])
def test_a_header_that_decides_is_refused_when_it_is_there_twice(deployment, key, sent, name):
    """Even if both were signed: the canonical request of two values is that of the joined one."""
    event = key.signed(headers={"X-Amz-Content-SHA256": EMPTY_OBJECT})
    value = event["headers"].get(name) or HOST
    code, text = refusal(deployment, sent(tampered(event, header(name, [value, value]))))
    assert (code, text) == (
        "InvalidSignatureException",
        f"The header '{name.lower()}' is there more than once.",
    )


EMPTY_OBJECT = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
"""SHA-256 of `{}`, the body."""


@SENDERS
def test_two_signatures_are_refused(deployment, key, sent):
    event = key.signed()
    both = header("Authorization", [event["headers"]["Authorization"]] * 2)
    code, _ = refusal(deployment, sent(tampered(event, both)))
    assert code in {"InvalidSignatureException", "IncompleteSignatureException"}


def test_a_query_string_is_refused(deployment, key):
    event = from_function_url(key.signed(), query="a=b")
    code, text = refusal(deployment, event)
    assert (code, "without a query string" in text) == ("InvalidSignatureException", True)


@pytest.mark.parametrize(
    ("sent", "names_it"), [(dict, False), (from_http_api, True), (from_function_url, False)]
)
def test_the_request_id_is_in_the_reply_once(service, sent, names_it):
    """A REST API and a function URL send the header themselves, an HTTP API does not."""
    event = sent(proxy_event({"X-Amz-Target": "RekognitionService.ListCollections"}, "{}"))
    headers = respond(event, service)["headers"]
    expected = event["requestContext"]["requestId"] if names_it else None
    assert headers.get("x-amzn-RequestId") == expected


@SENDERS
def test_the_audit_line_has_the_gateways_time_and_id(service, sent):
    event = sent(proxy_event({"X-Amz-Target": "RekognitionService.ListCollections"}, "{}"))
    lines = []
    respond(event, service, lines=lines)
    assert lines[0].time == "2026-09-21T14:13:20.250Z"
    assert lines[0].request_id == event["requestContext"]["requestId"]


def test_the_caller_of_a_function_url_is_the_one_that_iam_names(service):
    event = from_function_url(
        proxy_event({"X-Amz-Target": "RekognitionService.ListCollections"}, "{}")
    )
    user = "arn:aws:iam::123456789012:user/ann"
    event["requestContext"]["authorizer"] = {"iam": {"userArn": user}}
    seen = api.Seen()
    api.answer(event, lambda: service, seen)
    assert seen.caller == Caller(arn=user)


def reply_to(origin, service, origins, sent, target="RekognitionService.ListCollections"):
    event = proxy_event({"X-Amz-Target": target, **({"Origin": origin} if origin else {})}, "{}")
    headers = respond(sent(event), service, origins)["headers"]
    return {name: value for name, value in headers.items() if name.startswith(("Access", "Vary"))}


@SENDERS
@pytest.mark.parametrize("target", ["RekognitionService.ListCollections", "Unknown.Operation"])
def test_a_page_of_a_listed_origin_may_read_replies_and_refusals(service, sent, target):
    assert reply_to(FACES, service, {FACES, OTHER}, sent, target) == {
        "Access-Control-Allow-Origin": FACES,
        "Access-Control-Expose-Headers": "apigw-requestid,date,x-amzn-ErrorType,x-amzn-RequestId",
        "Vary": "Origin",
    }


@SENDERS
@pytest.mark.parametrize("origin", [OTHER, "null", f"{FACES}:8443", FACES.upper(), None])
def test_a_page_of_another_origin_may_not(service, sent, origin):
    assert reply_to(origin, service, {FACES}, sent) == {"Vary": "Origin"}


@SENDERS
def test_without_origins_no_page_may(service, sent):
    assert reply_to(FACES, service, (), sent) == {}
