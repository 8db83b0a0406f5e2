"""The audit trail: a line for every call and every photo, in its own log group."""

import json
import time
import uuid

import pytest
from botocore.exceptions import EndpointConnectionError

from functions import api
from functions.runtime import trail
from semblance.contract import metrics
from tests.schemas import assert_is_audit
from tests.service.test_seen_from_outside import emitted, image, log  # noqa: F401  (fixtures)
from tests.world.account import INPUT_BUCKET
from tests.world.fakes import picture
from tests.world.inbox import context, failed
from tests.world.service import Clock, proxy_event

GROUP, STREAM = "audit", "Semblance-api"
NAME = "arn:aws:sts::123456789012:assumed-role/gate/7"
BYTES = {"Image": "bytes"}


@pytest.fixture
def logs(session, clean_account):
    client = session.client("logs")
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    return client


@pytest.fixture
def written(logs):
    """A function that returns the lines in the log group."""

    def read():
        events = logs.get_log_events(logGroupName=GROUP, logStreamName=STREAM)["events"]
        return [json.loads(event["message"]) for event in events]

    return read


@pytest.fixture
def now():
    """A clock for the trail: `now` is the time of CloudWatch Logs, unless a test sets another."""
    return Clock(time.time())


@pytest.fixture
def call(service, logs, now):
    """The line of a call from a caller that the gateway has authenticated."""
    written = trail.Trail(logs, GROUP, STREAM, now)

    def call(operation, body, *, caller=NAME, headers=None, request_id=None):
        text = body if isinstance(body, str) else json.dumps(body)
        target = {"X-Amz-Target": f"RekognitionService.{operation}"}
        event = proxy_event(target | (headers or {}), text)
        event["requestContext"]["identity"] = {"userArn": caller}
        if request_id is not None:
            event["requestContext"]["requestId"] = request_id
        lines = []
        reply = api.respond(event, context(), lambda: service, lines.append)
        (line,) = lines
        assert_is_audit(line)
        written.write(line)
        return json.loads(line.to_json()), reply

    return call


@pytest.fixture
def staff(rekognition):
    rekognition.create_collection(CollectionId="staff")


@pytest.mark.slow
def test_a_call_is_a_line_with_its_caller_its_operation_and_its_outcome(call, staff, written):
    request_id = str(uuid.uuid4())
    line, _ = call(
        "IndexFaces",
        {"CollectionId": "staff", "Image": image("ann", "bob")},
        request_id=request_id,
    )
    assert written() == [line]
    assert line.pop("duration_ms") > 0
    assert line == {
        "time": "2026-09-21T14:13:20.250Z",
        "way": "api",
        "request_id": request_id,
        "lambda_request_id": "request",
        "caller": NAME,
        "claimed_key": None,
        "put_by": None,
        "operation": "IndexFaces",
        "collection": "staff",
        "images": BYTES,
        "outcome": "OK",
        "counts": {"FaceRecords": 2, "UnindexedFaces": 0},
    }


@pytest.mark.slow
def test_a_picture_in_a_bucket_is_named(call, staff, s3):
    s3.put_object(Bucket=INPUT_BUCKET, Key="door/1.jpg", Body=picture("ann"))
    place = {"Bucket": INPUT_BUCKET, "Name": "door/1.jpg"}
    told = {"bucket": INPUT_BUCKET, "key": "door/1.jpg"}
    line, _ = call("SearchFacesByImage", {"CollectionId": "staff", "Image": {"S3Object": place}})
    assert line["images"] == {"Image": told}
    assert line["counts"] == {"FaceMatches": 0}
    both = {"SourceImage": {"S3Object": place}, "TargetImage": image("bob")}
    line, _ = call("CompareFaces", both)
    assert line["images"] == {"SourceImage": told, "TargetImage": "bytes"}
    line, _ = call("DetectFaces", {"Image": {"S3Object": place | {"Version": "7"}}})
    assert line["images"]["Image"] == told | {"version": "7"}


@pytest.mark.slow
def test_a_call_of_an_unknown_operation_is_recorded_with_its_caller(call):
    line, _ = call("DetectLabels", {})
    assert (line["operation"], line["outcome"]) == ("Unknown", "UnknownOperationException")
    assert (line["caller"], line["claimed_key"]) == (NAME, None)
    line, _ = call("", {}, headers={"X-Amz-Target": ""})
    assert (line["operation"], line["caller"]) == ("Unknown", NAME)


@pytest.mark.slow
def test_a_failed_call_is_recorded_with_its_bucket_or_collection(call, staff):
    elsewhere = {"S3Object": {"Bucket": "payroll", "Name": "ceo.jpg"}}
    line, _ = call("DetectFaces", {"Image": elsewhere})
    assert line["outcome"] == "InvalidS3ObjectException"
    assert line["images"] == {"Image": {"bucket": "payroll", "key": "ceo.jpg"}}
    line, _ = call("DeleteCollection", {"CollectionId": "nobody"})
    assert (line["outcome"], line["collection"]) == ("ResourceNotFoundException", "nobody")


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["TagResource", "UntagResource", "ListTagsForResource"])
def test_an_operation_on_tags_is_recorded_with_its_collection(operation, call, staff):
    arn = "arn:aws:rekognition:eu-west-1:123456789012:collection/staff"
    line, _ = call(operation, {"ResourceArn": arn, "Tags": {"a": "b"}, "TagKeys": ["a"]})
    assert (line["collection"], line["outcome"]) == ("staff", "OK")


@pytest.mark.slow
@pytest.mark.parametrize("body", ["no JSON", [], "{}", {"Image": 3}, {"Image": {"S3Object": []}}])
def test_a_body_may_hold_anything(body, call):
    line, _ = call("SearchFacesByImage", body)
    assert line["outcome"] in {"SerializationException", "ValidationException"}
    assert (line["collection"], line["images"]) == (None, {})


@pytest.mark.slow
def test_a_caller_cannot_forge_a_line(call, logs):
    """Neither with ids that contain line ends, nor with a name that no service model allows."""
    forged = '"}\n{"caller": "root"'
    place = {"Bucket": INPUT_BUCKET, "Name": f"a\n\u2028\x1b[2J{forged}"}
    line, _ = call(
        f"CreateCollection{forged}",
        {"CollectionId": f"staff{forged}", "Image": {"S3Object": place}},
        request_id=forged * 100,
    )
    assert (line["operation"], line["collection"], line["images"]) == ("Unknown", None, {})
    assert line["request_id"] == (forged * 100)[:128]
    line, _ = call("DetectFaces", {"Image": {"S3Object": place}})
    assert line["images"]["Image"]["key"] == place["Name"]
    events = logs.get_log_events(logGroupName=GROUP, logStreamName=STREAM)["events"]
    for event in events:
        assert event["message"].isascii()
        assert event["message"].isprintable()


def test_the_size_of_a_line_is_bounded(call):
    """CloudWatch Logs accepts 256 KB an event in every region."""
    place = {"Bucket": "b" * 255, "Name": "\x00" * 1024, "Version": "\U0001f600" * 1024}
    compared = {name: {"S3Object": place} for name in ("SourceImage", "TargetImage")}
    call("CompareFaces", compared, request_id="\U0001f600" * 10_000, caller=NAME)
    line, _ = call("CompareFaces", compared)
    assert len(json.dumps(line)) < 50_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("signed", "claimed"),
    [
        ("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261125/eu-west-1/rekognition/"
         "aws4_request, SignedHeaders=host, Signature=abc", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS4-HMAC-SHA256 Credential=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY42/x", None),
        ("AWS4-HMAC-SHA256 Credential=a\n/x", None),
        ("Credential=" + "A" * 5000 + "/", None),
        ("Bearer secret", None),
        (None, None),
    ],
)  # fmt: skip
def test_an_unauthenticated_call_is_recorded_with_the_key_it_claims(signed, claimed, call):
    headers = {} if signed is None else {"AuthoriZation": signed}
    line, _ = call("ListCollections", {}, caller=None, headers=headers)
    assert (line["caller"], line["claimed_key"]) == (None, claimed)
    line, _ = call("ListCollections", {}, headers=headers)
    assert (line["caller"], line["claimed_key"]) == (NAME, None)


@pytest.mark.slow
def test_neither_pictures_nor_signatures_are_recorded(call, staff):
    sent = image("ann")
    signed = {"Authorization": "AWS4 Credential=AKID/x, Signature=5ec4e7"}
    told = [
        call("IndexFaces", {"CollectionId": "staff", "Image": sent, "ExternalImageId": "smith"}),
        call("SearchFacesByImage", {"CollectionId": "staff", "Image": sent}, headers=signed),
        call("DetectFaces", {"Image": {"Bytes": "no base64"}}, caller=None, headers=signed),
    ]
    text = json.dumps([line for line, _ in told])
    for secret in (sent["Bytes"][:40], "no base64", "smith", "5ec4e7", "BoundingBox", "embedding"):
        assert secret not in text


# Semblance's own access keys


@pytest.fixture
def told(deployment):
    """The line of a request to a deployment with `auth=keys`."""

    def told(event):
        lines = []
        service = deployment.service
        api.respond(event, context(), lambda: service, lines.append, deployment.identify)
        (line,) = lines
        assert_is_audit(line)
        return line

    return told


@pytest.mark.slow
def test_a_call_with_a_key_is_recorded_with_the_keys_arn(told, key, staff):
    line = told(key.signed("ListFaces", '{"CollectionId": "staff"}'))
    assert (line.caller, line.claimed_key, line.outcome) == (key.arn, None, "OK")


@pytest.mark.slow
def test_a_bad_signature_is_recorded_with_the_claimed_key_and_without_the_body(told, key):
    event = key.signed("DeleteCollection", '{"CollectionId": "staff"}')
    event["body"] = '{"CollectionId": "guests"}'
    line = told(event)
    assert line.outcome == "InvalidSignatureException"
    assert (line.caller, line.claimed_key) == (None, key.stored.id)
    assert (line.operation, line.collection) == ("DeleteCollection", None)


def test_a_call_that_a_key_may_not_make_is_recorded_with_the_keys_arn(told, deployment):
    key = deployment.new_key(collections=("door-*",))
    line = told(key.signed("DeleteCollection", '{"CollectionId": "staff"}'))
    assert (line.outcome, line.caller) == ("AccessDeniedException", key.arn)
    assert line.collection == "staff"


# Photos


@pytest.mark.slow
def test_a_dropped_photo_is_a_line_too(inbox):
    inbox.drop({"index/staff/ann.jpg": picture("ann"), "index/staff/anna.jpg": picture("ann")})
    notice = inbox.put("search/staff/door/1.jpg", picture("eve", "ann", shot=1))
    notice["Records"][0]["userIdentity"] = {"principalId": "AWS:AIDAEXAMPLE"}
    inbox.deliver(notice)
    indexed, _, searched = lines(inbox)
    assert (indexed["operation"], indexed["counts"]["FaceRecords"]) == ("IndexFaces", 1)
    assert searched.pop("duration_ms") >= 0
    version = notice["Records"][0]["s3"]["object"]["versionId"]
    key = "search/staff/door/1.jpg"
    assert searched == {
        "time": "2026-09-21T14:13:20.250Z",
        "way": "photo",
        "request_id": "search/staff/door/1.jpg".replace("/", "%2F"),
        "lambda_request_id": "request",
        "caller": f"arn:aws:s3:::{INPUT_BUCKET}",
        "claimed_key": None,
        "put_by": "AWS:AIDAEXAMPLE",
        "operation": "SearchFacesByImage",
        "collection": "staff",
        "images": {"Image": {"bucket": INPUT_BUCKET, "key": key, "version": version}},
        "outcome": "OK",
        "counts": {"Faces": 2, "FaceMatches": 2},
    }


@pytest.mark.slow
def test_a_photo_that_is_delivered_twice_is_recorded_once(inbox):
    notice = inbox.put("search/staff/a", picture("ann"))
    inbox.deliver(notice)
    inbox.deliver(notice)
    assert len(lines(inbox)) == 1


def test_a_rejected_photo_is_recorded_with_the_reason(inbox):
    inbox.drop({"search/nobody/a": picture("ann"), "elsewhere/a": picture("ann")})
    nobody, elsewhere = lines(inbox)
    assert (nobody["collection"], nobody["outcome"]) == ("nobody", "ResourceNotFoundException")
    assert elsewhere["operation"] == "Unknown"
    assert elsewhere["outcome"] == "InvalidParameterException"


@pytest.mark.slow
def test_every_try_of_a_photo_is_recorded(inbox):
    inbox.bus.refusing = True
    notice = inbox.put("search/staff/a", picture("ann"))
    assert inbox.deliver(notice) == failed("search/staff/a")
    inbox.bus.refusing = False
    inbox.deliver(notice)
    assert [line["outcome"] for line in lines(inbox)] == ["InternalServerError", "OK"]


def lines(inbox):
    for line in inbox.audited:
        assert_is_audit(line)
    return [json.loads(line.to_json()) for line in inbox.audited]


# When CloudWatch Logs does not accept a line


@pytest.fixture
def loss(call, log, emitted, monkeypatch):  # noqa: F811  (fixtures)
    """A function that returns the logged reason why the log group lacks a line."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "Semblance-api")

    def loss():
        line, reply = call("ListCollections", {})
        assert reply["statusCode"] == 200
        *_, kept = [each for each in log() if each["message"] == "not in the audit trail"]
        assert kept["audit"] == line
        assert kept["level"] == "ERROR"
        assert emitted()[metrics.AUDIT_LOST.name] == 1
        return kept["reason"]

    return loss


def test_a_line_without_its_stream_stays_in_the_functions_log(loss, logs):
    logs.delete_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    assert "ResourceNotFoundException" in loss()


def test_a_line_stays_in_the_functions_log_when_cloudwatch_does_not_answer(loss, logs):
    def silent(**_):
        raise EndpointConnectionError(endpoint_url="https://logs")

    logs.meta.events.register("before-send.cloudwatch-logs.PutLogEvents", silent)
    assert "Could not connect" in loss()


def test_a_line_that_is_rejected_stays_in_the_functions_log(loss, now):
    now.advance(-15 * 24 * 3600)
    assert "tooOld" in loss()
