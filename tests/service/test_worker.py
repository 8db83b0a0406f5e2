"""Photos that are dropped into the input bucket: outcomes as objects and as events."""

import json

import pytest
from botocore.exceptions import ClientError

from semblance import errors
from tests.world.account import INPUT_BUCKET, RESULTS_BUCKET
from tests.world.fakes import picture
from tests.world.inbox import ALL_DONE, failed


@pytest.mark.slow
def test_an_indexed_photo_is_found_by_the_api(inbox, rekognition):
    assert inbox.drop({"index/staff/ann.smith.jpg": picture("ann", "bob")}) == ALL_DONE
    result = inbox.result("index/staff/ann.smith.jpg")
    assert result["Outcome"] == "FacesIndexed"
    assert result["CollectionId"] == "staff"
    faces = rekognition.list_faces(CollectionId="staff")["Faces"]
    assert {face["ExternalImageId"] for face in faces} == {"ann.smith"}
    assert {record["Face"]["FaceId"] for record in result["FaceRecords"]} == {
        face["FaceId"] for face in faces
    }


@pytest.mark.slow
def test_the_result_of_a_searched_photo_lists_every_face(inbox):
    inbox.drop({"index/staff/ann.jpg": picture("ann"), "index/staff/bob.jpg": picture("bob")})
    key = "search/staff/cam 1/ümläut+100%.jpg"
    inbox.drop({key: picture("eve", "bob", shot=1)})
    result = inbox.result(key)
    assert result["Outcome"] == "FacesSearched"
    eve, bob = result["Faces"]
    assert eve["FaceMatches"] == []
    assert [match["Face"]["ExternalImageId"] for match in bob["FaceMatches"]] == ["bob"]
    assert bob["BoundingBox"]["Width"] < eve["BoundingBox"]["Width"]
    assert inbox.bus.entries[-1]["DetailType"] == "FacesSearched"
    detail = inbox.bus.details[-1]
    assert detail["Faces"] == result["Faces"]
    assert detail["Result"] == {
        "Bucket": RESULTS_BUCKET,
        "Name": "results/search/staff/cam 1/ümläut+100%.jpg.json",
    }


@pytest.mark.slow
def test_the_photos_metadata_sets_options_of_the_search(inbox):
    inbox.drop({"index/staff/ann.jpg": picture("ann"), "index/staff/bob.jpg": picture("bob")})
    everybody = {"face-match-threshold": "0", "max-faces": "1"}
    inbox.drop({"search/staff/x": picture("mallory")}, everybody)
    (face,) = inbox.result("search/staff/x")["Faces"]
    assert len(face["FaceMatches"]) == 1
    inbox.drop({"search/staff/y": picture("ann", poor=("ann",))}, {"quality-filter": "AUTO"})
    (face,) = inbox.result("search/staff/y")["Faces"]
    assert face["Reasons"] == ["LOW_FACE_QUALITY"]
    assert face["FaceMatches"] == []


@pytest.mark.slow
def test_the_photos_metadata_sets_options_of_indexing(inbox, rekognition):
    inbox.drop({"index/staff/all.jpg": picture("ann", "bob")}, {"max-faces": "1"})
    (left,) = inbox.result("index/staff/all.jpg")["UnindexedFaces"]
    assert left["Reasons"] == ["EXCEEDS_MAX_FACES"]
    assert len(rekognition.list_faces(CollectionId="staff")["Faces"]) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "content", "metadata", "code"),
    [
        ("search/staff/a", b"text", {}, "InvalidImageFormatException"),
        ("search/staff/a", b"", {}, "InvalidImageFormatException"),
        ("search/staff/a", picture(), {}, "InvalidParameterException"),
        ("index/staff/a.jpg", picture(), {}, "InvalidParameterException"),
        ("search/nobody/a", picture("ann"), {}, "ResourceNotFoundException"),
        ("index/nobody/a", picture("ann"), {}, "ResourceNotFoundException"),
        ("search/no such name/a", picture("ann"), {}, "ValidationException"),
        ("index/staff/sub/folder.jpg", picture("ann"), {}, "ValidationException"),
        ("index/staff//", picture("ann"), {}, "ValidationException"),
        ("index/staff/./", picture("ann"), {}, "ValidationException"),
        ("search/a", picture("ann"), {}, "InvalidParameterException"),
        ("search/staff/", picture("ann"), {}, "InvalidParameterException"),
        ("elsewhere/staff/a", picture("ann"), {}, "InvalidParameterException"),
        ("search/staff/a", picture("ann"), {"max-faces": "0"}, "ValidationException"),
        ("search/staff/a", picture("ann"), {"max-faces": "x"}, "InvalidParameterException"),
        ("search/staff/a", picture("ann"), {"quality-filter": "x"}, "ValidationException"),
        ("search/staff/a", picture("ann"), {"face-match-threshold": "nan"},
         "SerializationException"),
    ],
)  # fmt: skip
def test_a_permanent_fault_is_an_outcome_and_is_not_retried(inbox, key, content, metadata, code):
    assert inbox.drop({key: content}, metadata) == ALL_DONE
    result = inbox.result(key)
    assert result["Outcome"] == "ImageRejected"
    assert result["Error"]["Code"] == code
    assert issubclass(getattr(errors, code), errors.ServiceError)
    assert inbox.bus.entries[-1]["DetailType"] == "ImageRejected"
    assert inbox.bus.details[-1]["Error"] == result["Error"]


@pytest.mark.slow
@pytest.mark.parametrize("name", [".", "..", ".jpg", "ann."])
def test_a_photos_name_may_be_dots_only(inbox, rekognition, name):
    assert inbox.drop({f"index/staff/{name}": picture("ann")}) == ALL_DONE
    (face,) = rekognition.list_faces(CollectionId="staff")["Faces"]
    assert face["ExternalImageId"] == (name if name != "ann." else "ann")


@pytest.mark.slow
@pytest.mark.parametrize("length", [1011, 1012, 1024])
def test_a_key_of_any_length_has_a_result(inbox, length):
    """`results/<key>.json` is 13 bytes longer than the key, and S3 allows 1,024."""
    start = "search/staff/ä"
    key = start + "x" * (length - len(start.encode()))
    assert inbox.drop({key: picture("ann")}) == ALL_DONE
    assert inbox.result(key)["Image"]["Name"] == key
    name = inbox.bus.details[-1]["Result"]["Name"]
    assert len(name.encode()) <= 1024
    assert (name == f"results/{key}.json") == (length <= 1011)


@pytest.mark.slow
def test_long_keys_with_the_same_prefix_have_separate_results(inbox):
    keys = [f"search/staff/{'ä' * 504}{end}" for end in "ab"]
    inbox.drop({key: picture("ann") for key in keys})
    assert [inbox.result(key)["Image"]["Name"] for key in keys] == keys


@pytest.mark.slow
def test_a_fault_is_retried_and_the_other_photos_succeed(inbox, s3):
    bad, good = inbox.put("search/staff/bad", picture("ann")), inbox.put("search/staff/good", b"")

    def refuse(params, **_):
        if "bad" in params["url_path"]:
            raise RuntimeError("lost connection")

    s3.meta.events.register("before-call.s3.PutObject", refuse)
    assert inbox.deliver(bad, good) == failed("search/staff/bad")
    s3.meta.events.unregister("before-call.s3.PutObject", refuse)
    assert inbox.result("search/staff/good")["Outcome"] == "ImageRejected"
    assert inbox.deliver(bad) == ALL_DONE
    assert inbox.result("search/staff/bad")["Outcome"] == "FacesSearched"


BUSY = {
    "ProvisionedThroughputExceededException": {},
    "TransactionCanceledException": {"CancellationReasons": [{"Code": "TransactionConflict"}]},
}


@pytest.mark.slow
@pytest.mark.parametrize("code", BUSY)
def test_a_photo_is_retried_when_the_table_throttles(inbox, table, code):
    client, name = table.meta.client, "before-call.dynamodb.TransactWriteItems"

    def refuse(**_):
        problem = {"Error": {"Code": code}, **BUSY[code]}
        raise getattr(client.exceptions, code, ClientError)(problem, "TransactWriteItems")

    photo = inbox.put("index/staff/ann.jpg", picture("ann"))
    client.meta.events.register(name, refuse)
    assert inbox.deliver(photo) == failed("index/staff/ann.jpg")
    client.meta.events.unregister(name, refuse)
    assert inbox.bus.entries == []
    assert inbox.deliver(photo) == ALL_DONE
    assert inbox.result("index/staff/ann.jpg")["Outcome"] == "FacesIndexed"


def test_a_photo_that_cannot_be_read_is_a_fault_and_is_retried(inbox, s3):
    photo = inbox.put("search/staff/vanished", picture("ann"))
    version = photo["Records"][0]["s3"]["object"]["versionId"]
    s3.delete_object(Bucket=INPUT_BUCKET, Key="search/staff/vanished", VersionId=version)
    assert inbox.deliver(photo) == failed("search/staff/vanished")
    assert inbox.bus.entries == []


@pytest.mark.slow
def test_an_event_that_the_bus_refuses_is_retried(inbox):
    photo = inbox.put("search/staff/a", picture("ann"))
    inbox.bus.refusing = True
    assert inbox.deliver(photo) == failed("search/staff/a")
    inbox.bus.refusing = False
    assert inbox.deliver(photo) == ALL_DONE
    assert len(inbox.bus.entries) == 1


def test_s3s_own_test_event_is_ignored(inbox):
    assert inbox.deliver({"Service": "Amazon S3", "Event": "s3:TestEvent"}) == ALL_DONE
    assert inbox.bus.entries == []


@pytest.mark.slow
def test_a_message_that_is_not_from_s3_harms_no_other(inbox):
    photo = inbox.put("search/staff/a", picture("ann"))
    strange = {"Records": [{"s3": {"object": {"key": "strange"}}}]}
    assert inbox.deliver(strange, photo) == failed("strange")
    assert inbox.result("search/staff/a")["Outcome"] == "FacesSearched"


@pytest.mark.slow
def test_an_event_too_large_for_the_bus_points_at_the_result(inbox):
    crowd = [f"person {number}" for number in range(30)]
    inbox.drop({"index/staff/crowd.jpg": picture(*crowd)})
    inbox.drop({"search/staff/crowd.jpg": picture(*crowd)}, {"face-match-threshold": "0"})
    assert len(inbox.result("search/staff/crowd.jpg")["Faces"]) == 30
    detail = inbox.bus.details[-1]
    assert detail["Truncated"] is True
    assert detail["Result"]["Name"] == "results/search/staff/crowd.jpg.json"
    assert "Faces" not in detail


@pytest.mark.slow
def test_the_log_holds_nothing_of_a_photo_but_its_key(inbox, caplog):
    with caplog.at_level("DEBUG", logger="service_undefined"):
        inbox.drop({"search/staff/a": picture("ann")}, {"max-faces": "7", "camera": "hidden"})
        inbox.drop({"search/staff/b": b"text"})
    told = repr([record.__dict__ for record in caplog.records])
    assert "search/staff/a" in told
    for secret in ("hidden", "max-faces", "BoundingBox", "embedding"):
        assert secret not in told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "content", "metric", "code"),
    [
        ("index/staff/a.jpg", picture("ann", "bob"), {"FacesIndexed": 2}, None),
        ("search/staff/a", picture("ann", "bob", "eve"), {"FacesSearched": 3}, None),
        ("search/staff/a", b"text", {"PhotosRejected": 1}, "InvalidImageFormatException"),
    ],
)
def test_faces_and_rejections_are_counted(inbox, capsys, key, content, metric, code):
    photo = inbox.put(key, content)
    inbox.deliver(photo)
    inbox.deliver(photo)
    (line,) = (line for line in emitted(capsys) if metric.keys() <= line.keys())
    assert {name: line[name] for name in metric} == {name: [n] for name, n in metric.items()}
    assert line.get("Code") == code


@pytest.mark.slow
def test_the_time_that_a_photo_spent_in_the_queue_is_measured(inbox, capsys, clock):
    clock.advance(100)
    inbox.drop({"search/staff/a": b"text"})
    (line,) = (line for line in emitted(capsys) if "QueueAge" in line)
    assert line["QueueAge"] == [pytest.approx(100.25)]


def emitted(capsys):
    """The lines in CloudWatch's embedded metric format, on standard output."""
    lines = capsys.readouterr().out.splitlines()
    return [json.loads(line) for line in lines if '"_aws"' in line]
