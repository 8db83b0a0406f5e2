"""Photos that are dropped into the input bucket: outcomes as objects and as events."""

import json
from types import SimpleNamespace
from urllib.parse import quote_plus

import pytest

from functions import worker
from semblance.stores.outcomes import Outcomes
from tests.fakes import picture
from tests.service.conftest import INPUT_BUCKET, RESULTS_BUCKET

CONTEXT = SimpleNamespace(
    function_name="worker",
    memory_limit_in_mb=3008,
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:worker",
    aws_request_id="request",
    get_remaining_time_in_millis=lambda: 60_000,
)


class EventBus:
    """EventBridge as far as it is used here: moto has no way to read what was put."""

    def __init__(self):
        self.entries = []

    def put_events(self, Entries):  # noqa: N803  (boto3's name)
        self.entries += Entries
        return {"FailedEntryCount": 0, "Entries": [{} for _ in Entries]}


@pytest.fixture
def bus():
    return EventBus()


@pytest.fixture
def drop(service, s3, bus, rekognition):
    """Puts photos and tells the worker of them in one batch, as S3 through SQS does."""
    rekognition.create_collection(CollectionId="staff")
    outcomes = Outcomes(s3, RESULTS_BUCKET, bus, "default")

    def drop_all(photos, metadata=None):
        for key, content in photos.items():
            s3.put_object(Bucket=INPUT_BUCKET, Key=key, Body=content, Metadata=metadata or {})
        event = {"Records": [message(notification(key), key) for key in photos]}
        return worker.respond(event, CONTEXT, service, outcomes)

    return drop_all


def notification(key):
    place = {"bucket": {"name": INPUT_BUCKET}, "object": {"key": quote_plus(key)}}
    return {"Records": [{"eventName": "ObjectCreated:Put", "s3": place}]}


def message(body, message_id):
    return {
        "messageId": message_id,
        "receiptHandle": "handle",
        "body": json.dumps(body),
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:photos",
        "awsRegion": "eu-west-1",
    }


def result_of(s3, key):
    return json.load(s3.get_object(Bucket=RESULTS_BUCKET, Key=f"results/{key}.json")["Body"])


def test_an_indexed_photo_is_found_by_the_api(drop, s3, rekognition):
    assert drop({"index/staff/ann.smith.jpg": picture("ann", "bob")}) == {"batchItemFailures": []}
    result = result_of(s3, "index/staff/ann.smith.jpg")
    assert result["Outcome"] == "FacesIndexed"
    assert result["CollectionId"] == "staff"
    faces = rekognition.list_faces(CollectionId="staff")["Faces"]
    assert {face["ExternalImageId"] for face in faces} == {"ann.smith"}
    assert {record["Face"]["FaceId"] for record in result["FaceRecords"]} == {
        face["FaceId"] for face in faces
    }


def test_a_searched_photo_is_told_face_by_face(drop, s3, bus):
    drop({"index/staff/ann.jpg": picture("ann"), "index/staff/bob.jpg": picture("bob")})
    drop({"search/staff/cam 1/ümläut+100%.jpg": picture("eve", "bob", shot=1)})
    result = result_of(s3, "search/staff/cam 1/ümläut+100%.jpg")
    assert result["Outcome"] == "FacesSearched"
    eve, bob = result["Faces"]
    assert eve["FaceMatches"] == []
    assert [match["Face"]["ExternalImageId"] for match in bob["FaceMatches"]] == ["bob"]
    assert bob["BoundingBox"]["Width"] < eve["BoundingBox"]["Width"]
    event = bus.entries[-1]
    assert (event["Source"], event["DetailType"]) == ("semblance", "FacesSearched")
    detail = json.loads(event["Detail"])
    assert detail["Faces"] == result["Faces"]
    assert detail["Result"] == {
        "Bucket": RESULTS_BUCKET,
        "Name": "results/search/staff/cam 1/ümläut+100%.jpg.json",
    }


def test_the_photos_metadata_sets_the_search(drop, s3):
    drop({"index/staff/ann.jpg": picture("ann"), "index/staff/bob.jpg": picture("bob")})
    drop({"search/staff/x": picture("mallory")}, {"face-match-threshold": "0", "max-faces": "1"})
    (face,) = result_of(s3, "search/staff/x")["Faces"]
    assert len(face["FaceMatches"]) == 1
    drop({"search/staff/y": picture("ann", poor=("ann",))}, {"quality-filter": "AUTO"})
    (face,) = result_of(s3, "search/staff/y")["Faces"]
    assert face["Reasons"] == ["LOW_FACE_QUALITY"]
    assert face["FaceMatches"] == []


@pytest.mark.parametrize(
    ("key", "content", "metadata", "code"),
    [
        ("search/staff/a", b"text", {}, "InvalidImageFormatException"),
        ("search/staff/a", picture(), {}, "InvalidParameterException"),
        ("index/staff/a.jpg", picture(), {}, "InvalidParameterException"),
        ("search/nobody/a", picture("ann"), {}, "ResourceNotFoundException"),
        ("search/no such name/a", picture("ann"), {}, "ValidationException"),
        ("index/staff/sub/folder.jpg", picture("ann"), {}, "ValidationException"),
        ("search/a", picture("ann"), {}, "InvalidParameterException"),
        ("elsewhere/staff/a", picture("ann"), {}, "InvalidParameterException"),
        ("search/staff/a", picture("ann"), {"max-faces": "0"}, "ValidationException"),
        ("search/staff/a", picture("ann"), {"max-faces": "x"}, "InvalidParameterException"),
        ("search/staff/a", picture("ann"), {"face-match-threshold": "nan"},
         "SerializationException"),
    ],
)  # fmt: skip
def test_what_can_never_work_is_an_outcome_and_not_tried_again(
    drop, s3, bus, key, content, metadata, code
):
    assert drop({key: content}, metadata) == {"batchItemFailures": []}
    result = result_of(s3, key)
    assert result["Outcome"] == "ImageRejected"
    assert result["Error"]["Code"] == code
    assert result["Error"]["Message"]
    assert bus.entries[-1]["DetailType"] == "ImageRejected"


def test_a_fault_is_tried_again_and_leaves_the_others_unharmed(drop, s3, service, bus):
    class Flaky:
        def put_object(self, **request):
            if "bad" in request["Key"]:
                raise RuntimeError("lost connection")
            return s3.put_object(**request)

    s3.put_object(Bucket=INPUT_BUCKET, Key="search/staff/good", Body=picture("ann"))
    s3.put_object(Bucket=INPUT_BUCKET, Key="search/staff/bad", Body=picture("ann"))
    keys = ("search/staff/bad", "search/staff/good")
    event = {"Records": [message(notification(key), key) for key in keys]}
    reply = worker.respond(event, CONTEXT, service, Outcomes(Flaky(), RESULTS_BUCKET, bus, "b"))
    assert reply == {"batchItemFailures": [{"itemIdentifier": "search/staff/bad"}]}
    assert result_of(s3, "search/staff/good")["Outcome"] == "FacesSearched"


def test_a_photo_that_cannot_be_read_is_a_fault_and_tried_again(service, s3, bus):
    event = {"Records": [message(notification("search/staff/vanished"), "vanished")]}
    reply = worker.respond(event, CONTEXT, service, Outcomes(s3, RESULTS_BUCKET, bus, "b"))
    assert reply == {"batchItemFailures": [{"itemIdentifier": "vanished"}]}
    assert bus.entries == []


def test_s3s_own_test_event_is_passed_over(service, s3, bus):
    event = {"Records": [message({"Service": "Amazon S3", "Event": "s3:TestEvent"}, "test")]}
    reply = worker.respond(event, CONTEXT, service, Outcomes(s3, RESULTS_BUCKET, bus, "b"))
    assert reply == {"batchItemFailures": []}
    assert bus.entries == []


def test_an_event_too_large_for_the_bus_points_at_the_result(drop, s3, bus, rekognition):
    crowd = [f"person {number}" for number in range(30)]
    drop({"index/staff/crowd.jpg": picture(*crowd)})
    drop({"search/staff/crowd.jpg": picture(*crowd)}, {"face-match-threshold": "0"})
    assert len(result_of(s3, "search/staff/crowd.jpg")["Faces"]) == 30
    detail = json.loads(bus.entries[-1]["Detail"])
    assert detail["Truncated"] is True
    assert detail["Result"]["Name"] == "results/search/staff/crowd.jpg.json"
    assert "Faces" not in detail
