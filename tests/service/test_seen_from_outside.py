"""The log lines and metrics of a call to the API: on standard output, as Lambda reads it."""

import base64
import io
import json
import uuid
from types import SimpleNamespace

import pytest
from aws_lambda_powertools.metrics.provider import cold_start
from botocore.exceptions import ClientError

from functions import api
from functions.runtime import bootstrap
from semblance.contract import metrics
from semblance.embedding.codec import pack
from semblance.gallery.gallery import Load, MemoryGallery
from semblance.operations.table import OPERATIONS
from tests.schemas import assert_is_audit
from tests.test_contract import all_errors
from tests.world.fakes import CODEC, embedding_of, picture
from tests.world.service import proxy_event

CONTEXT = SimpleNamespace(aws_request_id="of-lambda", function_name="the-api-function")
KNOWN = {metric.name: metric for metric in metrics.METRICS}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "Semblance-api")
    monkeypatch.setattr(cold_start, "is_cold_start", False)


@pytest.fixture
def log():
    """A function that returns the logged lines: parsed from JSON, and as text."""
    handler = api.logger.registered_handler
    written = io.StringIO()
    before = handler.setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    handler.setStream(before)


@pytest.fixture
def emitted(capsys):
    """A function that returns the emitted metrics: (name, value of its dimension) to value."""

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


@pytest.mark.slow
def test_a_call_is_one_line_with_its_caller_its_operation_and_its_outcome(call, crowd, log):
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


@pytest.mark.slow
def test_a_call_is_counted_and_timed_under_its_operation(call, crowd, emitted):
    call("ListFaces", {"CollectionId": "staff"})
    found = emitted()
    assert found["Calls", "ListFaces"] == 1
    assert found["Duration", "ListFaces"] > 0
    assert len(found) == 2


def test_indexed_faces_are_counted(call, crowd, emitted):
    call("IndexFaces", {"CollectionId": "staff", "Image": image("joe", "jim")})
    assert emitted()["FacesIndexed"] == 2


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["SearchFacesByImage", "SearchUsersByImage"])
def test_a_search_counts_one_searched_face(operation, call, crowd, emitted):
    call(operation, {"CollectionId": "staff", "Image": image("ann")})
    assert emitted()["FacesSearched"] == 1


def test_a_refused_search_counts_no_searched_face(call, crowd, emitted, log):
    call("SearchFacesByImage", {"CollectionId": "staff", "Image": image()})
    found = emitted()
    assert "FacesSearched" not in found
    assert found["Refusals", "InvalidParameterException"] == 1
    (line,) = log()
    assert (line["status"], line["error"]) == (400, "InvalidParameterException")


def test_a_fault_is_counted_and_its_stack_is_logged_with_the_request_id(call, emitted, log):
    def no_service():
        raise RuntimeError("the table is gone")

    request_id, reply = call("ListFaces", {"CollectionId": "staff"}, service=no_service)
    assert "the table is gone" not in reply["body"]
    assert emitted()["Refusals", "InternalServerError"] == 1
    story, line = log()
    assert "the table is gone" in story["exception"]
    assert story["request_id"] == line["request_id"] == request_id


def test_a_throttled_table_has_its_own_error_code(call, emitted):
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


def test_a_call_without_a_target_is_counted_as_unknown(service, emitted, log):
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
def test_only_a_valid_collection_id_is_logged(body, call, log):
    call("DescribeCollection", body)
    (line,) = log()
    assert "collection" not in line
    assert line["error"]


@pytest.mark.slow
def test_no_log_holds_pictures_vectors_or_keys_of_photos(service, call, crowd, log, capsys):
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


def test_the_load_of_a_collection_is_logged_and_measured(emitted, log):
    bootstrap.log_load(
        Load("a-uid", faces=1_000_000, seconds=1.5, size_bytes=180_000_000, source="snapshot")
    )
    assert emitted() == {"GalleryLoadTime": 1500, "GalleryFaces": 1_000_000}
    (line,) = log()
    assert (line["message"], line["uid"], line["faces"]) == ("loaded", "a-uid", 1_000_000)
    assert line["source"] == "snapshot"
    assert (line["duration_ms"], line["size_bytes"]) == (1500, 180_000_000)


def test_a_gallery_reports_each_load_once(clock):
    def read(_uid):
        for person in ("ann", "bob"):
            clock.advance(0.75)
            face_id = str(uuid.uuid5(uuid.NAMESPACE_DNS, person))
            yield face_id, pack(embedding_of(person))

    loads = []
    gallery = MemoryGallery(
        codec=CODEC,
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
    assert all(load.size_bytes > 2 * CODEC.size for load in loads)


def test_the_values_of_dimensions_are_few():
    """CloudWatch charges for each value: they are the operations and the service's errors alone."""
    assert len(set(all_errors())) + len(OPERATIONS) < 50
    assert metrics.UNKNOWN not in OPERATIONS
