"""What a call of the API leaves in log and metrics: on standard output, as Lambda sees it."""

import base64
import io
import json
import uuid
from types import SimpleNamespace

import pytest
from aws_lambda_powertools.metrics.provider import cold_start
from botocore.exceptions import ClientError

from functions import api, bootstrap
from semblance import metrics
from semblance.gallery import codes
from semblance.gallery.gallery import Gallery, Load
from semblance.operations.table import OPERATIONS
from tests.schemas import assert_is_audit
from tests.test_contract import all_errors
from tests.world.fakes import embedding_of, picture
from tests.world.service import proxy_event

CONTEXT = SimpleNamespace(aws_request_id="of-lambda", function_name="the-api-function")
KNOWN = {metric.name: metric for metric in metrics.METRICS}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "Semblance-api")
    monkeypatch.setattr(cold_start, "is_cold_start", False)


@pytest.fixture
def log():
    """A function that says what was logged: the lines, read from JSON, and as they are."""
    handler = api.logger.registered_handler
    written = io.StringIO()
    before = handler.setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    handler.setStream(before)


@pytest.fixture
def emitted(capsys):
    """A function that says what came to CloudWatch: (name, value of its dimension) to value."""

    def read():
        found = {}
        for line in capsys.readouterr().out.splitlines():
            blob = json.loads(line)
            (directive,) = blob["_aws"]["CloudWatchMetrics"]
            (dimensions,) = directive["Dimensions"]
            assert directive["Namespace"] == "Semblance"
            for told in directive["Metrics"]:
                metric = KNOWN[told["Name"]]
                assert metric.unit == told["Unit"]
                assert metric.dimensions == set(dimensions)
                assert blob["service"] == "Semblance-api"
                ((value,),) = (blob[metric.name],)
                key = (metric.name, blob[metric.dimension]) if metric.dimension else metric.name
                assert key not in found
                found[key] = value
        return found

    return read


@pytest.fixture
def call(service):
    def call(operation, body, *, service=lambda: service):
        headers = {"X-Amz-Target": f"RekognitionService.{operation}"}
        text = body if isinstance(body, str) else json.dumps(body)
        event = proxy_event(headers, text)
        reply = api.respond(event, CONTEXT, service, assert_is_audit)
        return event["requestContext"]["requestId"], reply

    return call


@pytest.fixture
def crowd(rekognition):
    """A collection with three faces."""
    rekognition.create_collection(CollectionId="staff")
    rekognition.index_faces(CollectionId="staff", Image={"Bytes": picture("ann", "bob", "eve")})


def image(*people):
    return {"Bytes": base64.b64encode(picture(*people)).decode()}


def test_a_call_is_one_line_that_says_who_what_and_how_it_ended(call, crowd, log):
    request_id, _ = call("ListFaces", {"CollectionId": "staff"})
    (line,) = log()
    assert line["duration_ms"] > 0
    assert {
        name: line[name]
        for name in line.keys() - {"timestamp", "location", "duration_ms", "audit_ms"}
    } == {
        "level": "INFO",
        "message": "answered",
        "service": line["service"],
        "request_id": request_id,
        "lambda_request_id": "of-lambda",
        "operation": "ListFaces",
        "collection": "staff",
        "status": 200,
        "counts": {"Faces": 3},
        "cold_start": False,
    }


def test_a_call_is_counted_and_timed_under_its_operation(call, crowd, emitted):
    call("ListFaces", {"CollectionId": "staff"})
    found = emitted()
    assert found["Calls", "ListFaces"] == 1
    assert found["Duration", "ListFaces"] > 0
    assert len(found) == 2


def test_indexed_faces_are_counted(call, crowd, emitted):
    call("IndexFaces", {"CollectionId": "staff", "Image": image("joe", "jim")})
    assert emitted()["FacesIndexed"] == 2


@pytest.mark.parametrize("operation", ["SearchFacesByImage", "SearchUsersByImage"])
def test_a_search_is_a_face_searched(operation, call, crowd, emitted):
    call(operation, {"CollectionId": "staff", "Image": image("ann")})
    assert emitted()["FacesSearched"] == 1


def test_a_search_that_is_refused_is_none(call, crowd, emitted, log):
    call("SearchFacesByImage", {"CollectionId": "staff", "Image": image()})
    found = emitted()
    assert "FacesSearched" not in found
    assert found["Refusals", "InvalidParameterException"] == 1
    (line,) = log()
    assert (line["status"], line["error"]) == (400, "InvalidParameterException")


def test_a_fault_is_counted_and_its_story_is_found_by_the_request_id(call, emitted, log):
    def no_service():
        raise RuntimeError("the table is gone")

    request_id, reply = call("ListFaces", {"CollectionId": "staff"}, service=no_service)
    assert "the table is gone" not in reply["body"]
    assert emitted()["Refusals", "InternalServerError"] == 1
    story, line = log()
    assert "the table is gone" in story["exception"]
    assert story["request_id"] == line["request_id"] == request_id


def test_a_throttled_table_is_a_refusal_of_its_own(call, emitted):
    def throttled():
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "Query")

    call("ListFaces", {"CollectionId": "staff"}, service=throttled)
    assert emitted()["Refusals", "ProvisionedThroughputExceededException"] == 1


@pytest.mark.parametrize(
    "operation", ["DetectLabels", "NoSuchThing", "x" * 5000, "CreateCollection\n{}", ""]
)
def test_callers_cannot_make_up_metrics_nor_flood_the_log(operation, call, emitted, log):
    call(operation, {})
    found = emitted()
    assert {key for key in found if "Unknown" in key} == {
        ("Calls", "Unknown"),
        ("Duration", "Unknown"),
    }
    assert found["Refusals", "UnknownOperationException"] == 1
    (line,) = log()
    assert line["operation"] == "Unknown"
    assert line["target"] == f"RekognitionService.{operation}"[:80]


def test_a_call_without_a_target_is_unknown(service, emitted, log):
    api.respond(proxy_event({}, "{}"), CONTEXT, lambda: service, assert_is_audit)
    assert emitted()["Calls", "Unknown"] == 1
    assert "target" not in log()[0]


@pytest.mark.parametrize(
    "body",
    [
        {"CollectionId": "x" * 256},
        {"CollectionId": "two words\n"},
        {"CollectionId": ["staff"]},
        {"CollectionId": "\ud800"},
        ["staff"],
        {},
        "no JSON",
    ],
)
def test_only_what_can_be_a_collection_is_logged_as_one(body, call, log):
    call("DescribeCollection", body)
    (line,) = log()
    assert "collection" not in line
    assert line["error"]


@pytest.mark.slow
def test_neither_pictures_nor_vectors_nor_the_keys_of_photos_are_told(
    service, call, crowd, log, capsys
):
    sent = image("ann")
    key = {"S3Object": {"Bucket": "input-bucket", "Name": "search/staff/of-a-person.jpg"}}
    call("IndexFaces", {"CollectionId": "staff", "Image": sent, "ExternalImageId": "ann-smith"})
    call("SearchFacesByImage", {"CollectionId": "staff", "Image": sent})
    call("SearchFacesByImage", {"CollectionId": "staff", "Image": key})
    told = json.dumps(log()) + capsys.readouterr().out
    assert told.count("answered") == 3
    for secret in (sent["Bytes"][:40], "ann-smith", "of-a-person", "embedding", "BoundingBox"):
        assert secret not in told


def test_the_first_call_of_a_process_is_a_cold_start(call, emitted, log, monkeypatch):
    monkeypatch.setattr(cold_start, "is_cold_start", True)
    call("ListCollections", {})
    assert emitted()["ColdStart", "the-api-function"] == 1
    call("ListCollections", {})
    assert not [key for key in emitted() if "ColdStart" in key]
    assert [line["cold_start"] for line in log()] == [True, False]


def test_a_collection_that_is_loaded_is_told_of(emitted, log):
    bootstrap.tell_of_load(
        Load("a-uid", faces=1_000_000, seconds=1.5, size_bytes=180_000_000, source="snapshot")
    )
    assert emitted() == {"GalleryLoadTime": 1500, "GalleryFaces": 1_000_000}
    (line,) = log()
    assert (line["message"], line["uid"], line["faces"]) == ("loaded", "a-uid", 1_000_000)
    assert line["source"] == "snapshot"
    assert (line["duration_ms"], line["size_bytes"]) == (1500, 180_000_000)


def test_a_gallery_tells_once_of_each_collection_that_it_loads(clock):
    def read(_uid):
        for person in ("ann", "bob"):
            clock.advance(0.75)
            face_id = str(uuid.uuid5(uuid.NAMESPACE_DNS, person))
            yield face_id, codes.pack(embedding_of(person))

    loads = []
    gallery = Gallery(
        embeddings=read,
        users=lambda uid: [],
        changes=lambda uid, since: [],
        clock=clock,
        budget_bytes=2**30,
        on_load=loads.append,
    )
    for uid in ("one", "one", "two"):
        gallery.candidates(uid, embedding_of("ann"), floor=0, limit=1)
    assert [(load.uid, load.faces, load.seconds) for load in loads] == [
        ("one", 2, 1.5),
        ("two", 2, 1.5),
    ]
    assert all(load.size_bytes > 2 * 160 for load in loads)


def test_the_values_of_dimensions_are_few():
    """CloudWatch charges for each: they are the operations and our own errors, and no more."""
    assert len(set(all_errors())) + len(OPERATIONS) < 50
    assert metrics.UNKNOWN not in OPERATIONS
