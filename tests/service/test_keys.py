"""Semblance's own access keys: unmodified boto3 is accepted, and no signed part can be changed."""

import base64
import time

import pytest
from botocore.auth import SigV4Auth
from botocore.exceptions import ClientError

from functions import api
from tests.world.fakes import picture
from tests.world.own_keys import HOST, Deployment, changed


def refusal(deployment, event):
    status, reply = deployment.send(event)
    assert status == 400
    assert set(reply) == {"__type", "message"}
    return reply["__type"], reply["message"]


@pytest.mark.slow
def test_boto3_needs_an_endpoint_and_a_key_and_nothing_else(client_of, key):
    client = client_of(key)
    client.create_collection(CollectionId="staff")
    image = {"Bytes": picture("ann")}
    client.index_faces(CollectionId="staff", Image=image, ExternalImageId="ann")
    found = client.search_faces_by_image(CollectionId="staff", Image=image)
    assert [match["Face"]["ExternalImageId"] for match in found["FaceMatches"]] == ["ann"]


def test_the_caller_is_the_key(deployment, key):
    seen = api.Seen()
    api.answer(key.signed(), lambda: deployment.service, seen, deployment.identify)
    assert seen.caller.arn == key.arn


def test_a_body_that_the_gateway_has_encoded_passes_with_its_signature(deployment, key):
    def encode(event):
        event["body"] = base64.b64encode(event["body"].encode()).decode()
        event["isBase64Encoded"] = True

    event = key.signed("CreateCollection", '{"CollectionId": "staff", "Tags": {"a": "Größe"}}')
    assert deployment.send(changed(event, encode))[0] == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    ("paths", "signed", "is_let_in"),
    [
        ("/v1/", "/v1/", True),
        ("/v1/", "/v1", True),
        ("/v1", "/v1/", True),
        ("/v1/", "/", False),
        ("/v1/", "/v1/v1/", False),
        ("/v1/", "/v2/", False),
        ("/", "/", True),
        ("/", "/v1/", False),
        ("/v1/,/faces/", "/faces/", True),
        ("/restapis/abc/v1/_user_request_/", "/restapis/abc/v1/_user_request_/", True),
    ],
)
def test_a_signature_is_for_a_path_of_the_deployment(
    service, table, kms, key_arn, paths, signed, is_let_in
):
    deployment = Deployment(service, table, kms, key_arn, paths)
    status, reply = deployment.send(deployment.new_key().signed(path=signed))
    assert status == (200 if is_let_in else 400)
    assert is_let_in or reply["__type"] == "InvalidSignatureException"


def header(name, value):
    """Sets the header, or removes it if the value is None."""

    def change(event):
        for headers in (event["headers"], event["multiValueHeaders"]):
            for each in [each for each in headers if each.lower() == name.lower()]:
                del headers[each]
        if value is not None:
            event["multiValueHeaders"][name] = value if isinstance(value, list) else [value]

    return change


def authorization(old, new):
    def change(event):
        value = event["headers"]["Authorization"]
        assert old in value
        header("Authorization", value.replace(old, new, 1))(event)

    return change


def member(name, value):
    def change(event):
        event[name] = value

    return change


TARGET = "RekognitionService.DeleteCollection"
TAMPERED = {
    "the body": member("body", '{ }'),
    "an empty body": member("body", None),
    "a body of half a surrogate pair": member("body", '{"a": "\ud800"}'),
    "the method": member("httpMethod", "PUT"),
    "the target": header("X-Amz-Target", TARGET),
    "a second target": header("X-Amz-Target", ["RekognitionService.ListCollections", TARGET]),
    "a second target in another case": lambda event: event["multiValueHeaders"].update(
        {"x-AMZ-target": [TARGET]}
    ),
    "an unsigned target": authorization(";x-amz-target", ""),
    "an unsigned host": authorization("host;", ""),
    "an unsigned date": authorization(";x-amz-date", ""),
    "the host": header("Host", "evil.example.com"),
    "no host": header("Host", None),
    "two hosts": header("Host", [HOST, HOST]),
    "a signed header": header("Content-Type", "application/json"),
    "a signed header of other letters": header("Content-Type", "application/x-amz-json-1.1é"),
    "half a surrogate pair in a signed header": header("Content-Type", "\udc80"),
    "no signed header": header("Content-Type", None),
    "two of a signed header": header("Content-Type", ["application/x-amz-json-1.1"] * 2),
    "a header named twice": authorization("content-type;", "content-type;content-type;"),
    "the signature": authorization("Signature=", "Signature=0"),
    "no digit of the signature": authorization("Signature=", "Signature=é"),
    "the algorithm's next": authorization("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
    "the second of the date": lambda event: header(
        "X-Amz-Date", _later(event["headers"]["X-Amz-Date"])
    )(event),
    "a query string": member("queryStringParameters", {"a": "b"}),
    "a query string of several": member("multiValueQueryStringParameters", {"a": ["b", "c"]}),
    "a hash of another body": header("X-Amz-Content-SHA256", "0" * 64),
    "two signatures": lambda event: header(
        "Authorization", [event["headers"]["Authorization"]] * 2
    )(event),
}  # fmt: skip


def _later(stamp):
    second = (int(stamp[13:15]) + 1) % 60
    return f"{stamp[:13]}{second:02}Z"


@pytest.mark.slow
@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED.keys())
def test_a_change_to_any_signed_part_is_refused(deployment, key, change):
    event = key.signed()
    assert deployment.send(event)[0] == 200
    code, _ = refusal(deployment, changed(event, change))
    assert code in {"InvalidSignatureException", "IncompleteSignatureException"}


def test_headers_that_proxies_add_are_ignored(deployment, key):
    def pass_proxies(event):
        event["multiValueHeaders"] |= {
            "X-Forwarded-For": ["192.0.2.1", "198.51.100.1"],
            "X-Amz-Cf-Id": ["of-cloudfront"],
            "X-Amzn-Trace-Id": ["Root=1-2-3"],
            "Via": ["2.0 ünïcode"],
            "User-Agent": ["another"],
        }

    assert deployment.send(changed(key.signed(), pass_proxies))[0] == 200


def test_case_of_header_names_and_spaces_around_values_do_not_matter(deployment, key):
    def fold(event):
        headers = event["multiValueHeaders"]
        event["multiValueHeaders"] = {name.lower(): values for name, values in headers.items()}
        event["multiValueHeaders"]["host"] = [f"  {HOST} "]

    assert deployment.send(changed(key.signed(), fold))[0] == 200


def test_a_signed_content_length_must_be_that_of_the_body(deployment, key):
    """The JavaScript SDK signs the header, and API Gateway does not pass it on."""
    event = key.signed(headers={"Content-Length": "2"})
    assert "content-length" in event["headers"]["Authorization"]
    assert deployment.send(changed(event, header("Content-Length", None)))[0] == 200
    wrong = changed(event, header("Content-Length", "3"))
    assert refusal(deployment, wrong)[0] == "InvalidSignatureException"


class JavaOfOld(SigV4Auth):
    """An older Java SDK signs its User-Agent, which botocore leaves out."""

    def headers_to_sign(self, request):
        headers = super().headers_to_sign(request)
        headers["user-agent"] = request.headers["User-Agent"]
        return headers


def test_an_additional_signed_header_is_verified(deployment, key):
    event = key.signed(signer=JavaOfOld)
    assert ";user-agent" in event["headers"]["Authorization"]
    assert deployment.send(event)[0] == 200
    another = changed(event, header("User-Agent", "another"))
    assert refusal(deployment, another)[0] == "InvalidSignatureException"


@pytest.mark.parametrize("another", ["execute-api", "s3"])
def test_a_signature_for_another_service_is_refused(deployment, key, another):
    assert refusal(deployment, key.signed(service=another)) == (
        "InvalidSignatureException",
        "Credential should be scoped to correct service: 'rekognition'.",
    )


def test_a_signature_for_another_region_is_refused(deployment, key):
    assert refusal(deployment, key.signed(region="us-east-1")) == (
        "InvalidSignatureException", "Credential should be scoped to a valid region.",
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "code", "text"),
    [
        ("/aws4_request", "/aws5_request", "InvalidSignatureException", "a valid terminator"),
        ("/aws4_request", "", "IncompleteSignatureException", "exactly 5 slash-delimited"),
        ("/aws4_request", "/aws4_request/x", "IncompleteSignatureException", "exactly 5"),
        ("/20", "/19", "InvalidSignatureException", "Date in Credential scope does not match"),
        ("Credential=", "Credentials=", "IncompleteSignatureException", "'Credential' parameter"),
        ("Signature=", "S=", "IncompleteSignatureException", "requires 'Signature' parameter."),
        ("SignedHeaders=", "X=", "IncompleteSignatureException", "'SignedHeaders' parameter."),
        ("Signature=", "Signature=0, Signature=", "IncompleteSignatureException", "more"),
        ("Signature=", "X=1, Signature=", "IncompleteSignatureException", "more parameters"),
        ("Signature=", f"Signature={'0' * 5000}", "IncompleteSignatureException", "too long"),
        ("AWS4-HMAC-SHA256 ", "Bearer ", "IncompleteSignatureException", "'AWS4-HMAC-SHA256'"),
    ],
)
def test_a_malformed_authorization_is_refused_with_its_reason(
    deployment, key, old, new, code, text
):
    found, message = refusal(deployment, changed(key.signed(), authorization(old, new)))
    assert found == code
    assert text in message
    assert len(message) < 500


@pytest.mark.slow
@pytest.mark.parametrize(
    "value",
    ["Bearer s3cr3t", "Basic c2VjcmV0", "s3cr3t", "AWS4-HMAC-SHA256", "=,=;;=/", "\x00", "é"],
)  # fmt: skip
def test_a_refusal_does_not_repeat_the_authorization(deployment, key, value):
    code, message = refusal(deployment, changed(key.signed(), header("Authorization", value)))
    assert code == "IncompleteSignatureException"
    assert "s3cr3t" not in message
    assert "c2VjcmV0" not in message


@pytest.mark.parametrize("value", [None, ""])
def test_a_request_without_a_signature_is_refused(deployment, key, value):
    assert refusal(deployment, changed(key.signed(), header("Authorization", value))) == (
        "MissingAuthenticationTokenException", "Missing Authentication Token",
    )  # fmt: skip


def test_a_signature_in_the_query_string_is_refused(deployment, key):
    event = key.signed()
    query = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Signature": "0" * 64}

    def presign(event):
        header("Authorization", None)(event)
        event["queryStringParameters"] = query

    code, _ = refusal(deployment, changed(event, presign))
    assert code == "MissingAuthenticationTokenException"


@pytest.mark.parametrize("date", [None, "", "Wed, 25 Nov 2026 03:26:29 GMT", "20261399T999999Z"])
def test_an_invalid_date_is_refused(deployment, key, date):
    def change(event):
        day = event["headers"]["X-Amz-Date"][:8]
        if date and date[0] == "2":
            authorization(day, date[:8])(event)
        header("X-Amz-Date", date)(event)

    code, _ = refusal(deployment, changed(key.signed(), change))
    assert code in {"InvalidSignatureException", "IncompleteSignatureException"}


@pytest.mark.parametrize("hash_", ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                                   "STREAMING-UNSIGNED-PAYLOAD-TRAILER", ""])  # fmt: skip
def test_an_unsigned_body_is_refused(deployment, key, hash_):
    event = key.signed(headers={"X-Amz-Content-SHA256": hash_})
    code, message = refusal(deployment, event)
    assert code == "InvalidSignatureException"
    assert "SHA-256 of the body" in message


def test_a_security_token_is_refused(deployment, key):
    assert refusal(deployment, key.signed(session="a-token")) == (
        "UnrecognizedClientException", "The security token included in the request is invalid.",
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("access_key_id", ["AKIAIOSFODNN7EXAMPLE", "SMBL", "SMBLAAAAAAAAAAAAAAAA",
                                           "smbl", "", "é" * 20, "x" * 3000])  # fmt: skip
def test_an_unknown_key_is_refused(deployment, key, access_key_id):
    change = authorization(key.stored.id, access_key_id)
    code, _ = refusal(deployment, changed(key.signed(), change))
    expected = {"UnrecognizedClientException"} | (
        set() if access_key_id.isascii() else {"IncompleteSignatureException"}
    )
    assert code in expected


def test_the_secret_of_another_key_is_refused(deployment, key):
    other = deployment.new_key(name="other")
    change = authorization(other.stored.id, key.stored.id)
    code, message = refusal(deployment, changed(other.signed(), change))
    assert code == "InvalidSignatureException"
    assert message.startswith("The request signature we calculated does not match")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (299, None),
        (302, r"Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z "
              r"\(\d{8}T\d{6}Z - 5 min\.\)"),
        (-298, None),
        (-302, r"Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z "
               r"\(\d{8}T\d{6}Z \+ 5 min\.\)"),
        (86_400, "Signature expired: "),
    ],
)  # fmt: skip
def test_a_signature_is_valid_for_five_minutes(deployment, client_of, key, seconds, text):
    client = client_of(key)
    deployment.clock.now = time.time() + seconds
    if text is None:
        client.list_collections()
    else:
        with pytest.raises(ClientError, match=text) as caught:
            client.list_collections()
        assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_the_checks_have_an_order(deployment, key):
    """Target, signature, JSON, constraints, permission, existence."""
    narrow = deployment.new_key(operations=("ListFaces",), collections=("door-*",))

    def code_of(event):
        return deployment.send(event)[1]["__type"]

    unsigned = header("Authorization", None)
    assert code_of(changed(key.signed("", "{"), unsigned)) == "MissingAuthenticationTokenException"
    no_target = changed(key.signed("", "{"), header("X-Amz-Target", "Nonsense"))
    assert code_of(changed(no_target, unsigned)) == "UnknownOperationException"
    assert code_of(narrow.signed("Nonsense")) == "UnknownOperationException"
    assert code_of(narrow.signed("ListFaces", "{")) == "SerializationException"
    assert code_of(narrow.signed("DeleteFaces", "{}")) == "ValidationException"
    assert code_of(narrow.signed("ListFaces", '{"CollectionId": "x"}')) == "AccessDeniedException"
    unknown = narrow.signed("ListFaces", '{"CollectionId": "door-1"}')
    assert code_of(unknown) == "ResourceNotFoundException"


def test_a_refused_request_costs_no_read_and_starts_no_service(deployment, key, table):
    reads = []
    table.meta.client.meta.events.register(
        "before-call.dynamodb", lambda model, **_: reads.append(model.name), unique_id="reads"
    )

    def no_service():
        raise AssertionError("made for nothing")

    stranger = changed(key.signed(), authorization(key.stored.id, "AKIAIOSFODNN7EXAMPLE"))
    try:
        for event in (
            stranger,
            changed(key.signed(), header("Authorization", None)),
            key.signed(region="us-east-1"),
            changed(key.signed(), header("X-Amz-Date", "20200101T000000Z")),
        ):
            assert api.answer(event, no_service, identify=deployment.identify).status == 400
        assert reads == []
        for n in range(50):
            unknown = authorization(key.stored.id, f"SMBL{n:02}".replace("0", "A").ljust(20, "A"))
            assert deployment.send(changed(key.signed(), unknown))[0] == 400
        assert reads == ["Query"]
    finally:
        table.meta.client.meta.events.unregister("before-call.dynamodb", unique_id="reads")


def test_an_event_without_multi_value_headers_is_verified_too(deployment, key):
    event = key.signed()
    del event["multiValueHeaders"]
    assert deployment.send(event)[0] == 200


def test_a_body_that_was_not_utf8_is_refused_because_its_bytes_have_changed(deployment, key):
    event = key.signed("CreateCollection", '{"CollectionId": "é"}')
    replaced = event["body"].encode("latin-1").decode(errors="replace")
    code, _ = refusal(deployment, changed(event, member("body", replaced)))
    assert code == "InvalidSignatureException"
