"""`semblance forget` in the buckets: objects that it deletes, rewrites, and leaves."""

import json

import boto3
import pytest
from moto import mock_aws

from semblance_cli.traces import Person, clear_photos, clear_results

pytestmark = pytest.mark.slow  # each of them has a cloud of its own

ANN, BOB = "0a" * 16, "0b" * 16
PERSON = Person("staff", frozenset({ANN}), frozenset({"ann.1"}))


@pytest.fixture
def s3():
    with mock_aws():
        client = boto3.Session("testing", "testing", region_name="us-east-1").client("s3")
        client.create_bucket(Bucket="bucket")
        yield client


def put(s3, key, body, **metadata):
    text = body if isinstance(body, str) else json.dumps(body)
    s3.put_object(Bucket="bucket", Key=key, Body=text.encode(), Metadata=metadata)


def read(s3, key):
    return json.loads(s3.get_object(Bucket="bucket", Key=key)["Body"].read())


def keys(s3):
    return [each["Key"] for each in s3.list_objects_v2(Bucket="bucket").get("Contents", ())]


def match(face_id):
    return {"Similarity": 99.0, "Face": {"FaceId": face_id, "ExternalImageId": "x"}}


def test_the_results_of_the_persons_own_photos_are_deleted(s3):
    put(s3, "results/index/staff/ann.1.jpg.json", {"UnindexedFaces": []})
    put(s3, "results/index/staff/ann.10.jpg.json", {"FaceRecords": []})
    put(s3, "results/index/others/ann.1.jpg.json", {"FaceRecords": [match(ANN)]})
    seen = []
    cleared = clear_results(s3, "bucket", PERSON, seen.append)
    assert (cleared.looked_at, cleared.cleared, cleared.left) == (2, 1, 0)
    assert seen == [1, 2]
    assert keys(s3) == [
        "results/index/others/ann.1.jpg.json",
        "results/index/staff/ann.10.jpg.json",
    ]


def test_the_person_is_taken_out_of_the_results_of_other_photos(s3):
    faces = [
        {"Confidence": 99.5, "Reasons": [], "FaceMatches": [match(BOB), match(ANN)]},
        {"Confidence": 98.5, "Reasons": [], "FaceMatches": [match(ANN)]},
    ]
    put(s3, "results/search/staff/gate/1.jpg.json", {"Faces": faces}, sequencer="00A1")
    put(s3, "results/search/staff/gate/2.jpg.json", {"Faces": faces[:0]})
    cleared = clear_results(s3, "bucket", PERSON, lambda _: None)
    assert (cleared.looked_at, cleared.cleared, cleared.left) == (2, 1, 0)
    held = read(s3, "results/search/staff/gate/1.jpg.json")
    assert [face["FaceMatches"] for face in held["Faces"]] == [[match(BOB)], []]
    assert [face["Confidence"] for face in held["Faces"]] == [99.5, 98.5]
    head = s3.head_object(Bucket="bucket", Key="results/search/staff/gate/1.jpg.json")
    assert head["Metadata"] == {"sequencer": "00A1"}


def test_a_face_that_stays_in_a_result_is_counted(s3):
    """In a member that the command does not know: it must not report the face as gone."""
    put(s3, "results/search/staff/odd.json", {"Note": ANN})
    assert clear_results(s3, "bucket", PERSON, lambda _: None).left == 1


def test_all_versions_of_the_persons_photos_are_deleted_and_no_others(s3):
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        put(s3, "index/staff/ann.1.jpg", "photo")
    put(s3, "index/staff/ann.1.png", "photo")
    s3.delete_object(Bucket="bucket", Key="index/staff/ann.1.png")
    put(s3, "index/staff/ann.1.2.jpg", "another's")
    put(s3, "search/staff/ann.1.jpg", "nobody knows whose")
    cleared = clear_photos(s3, "bucket", PERSON, lambda _: None)
    assert (cleared.looked_at, cleared.cleared) == (4, 3)
    versions = s3.list_object_versions(Bucket="bucket")["Versions"]
    assert {each["Key"] for each in versions} == {
        "index/staff/ann.1.2.jpg",
        "search/staff/ann.1.jpg",
    }
