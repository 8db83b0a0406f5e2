"""`semblance forget`: its event for the compactor, its work in the buckets, and its report."""

import json

import boto3
import pytest

from semblance_cli.commands.forget import digest
from semblance_cli.main import main
from tests.cli.conftest import INPUT, REGION, RESULTS

pytestmark = pytest.mark.slow  # each of them has a cloud of its own


@pytest.fixture
def stack(s3, api):
    """The stack Faces, whose compactor erases one face of Ann's; the events that it gets."""
    table = boto3.client("dynamodb", region_name=REGION).create_table(
        TableName="faces",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]
    api.outputs = {
        "CompactorFunction": "the-compactor",
        "TableName": table["TableName"],
        "ResultsBucket": RESULTS,
        "InputBucket": INPUT,
    }
    events = []

    def compactor(event):
        events.append(event)
        return {
            "CollectionId": "staff",
            "FaceIds": ["f-1"],
            "ExternalImageIds": ["ann"],
            "Erased": {"Faces": 1, "Users": 0, "Tokens": 0},
            "Places": [{"Place": "faces", "LookedAt": 9, "Found": 0}],
            "BareIdsUntil": "2030-01-31T00:00:00+00:00",
            "Clean": True,
        }

    api.compactor = compactor
    return events


@pytest.fixture
def forget(stack, capsys):
    """A function: the status, and all that was printed."""

    def call(*words):
        status = main(["forget", "staff", "--stack", "Faces", *words])
        return status, "".join(capsys.readouterr())

    return call


def test_the_person_is_erased_and_the_report_is_signed(forget, stack, tmp_path):
    path = tmp_path / "report.json"
    status, said = forget("--external-image-id", "ann", "--yes", "--report", str(path))
    assert status == 0
    assert stack == [{"CollectionId": "staff", "Forget": {"ExternalImageId": "ann"}}]
    assert "Erased from staff: 1 face, 0 users, 0 request tokens" in said
    assert "Stays: backups of the table: there are none" in said
    assert "Nothing of it is left." in said
    report = json.loads(path.read_text())
    assert report["Sha256"] == digest(report)
    assert report["Sha256"] in said
    assert (report["Deployment"], report["Clean"]) == ("Faces", True)
    assert report["By"].startswith("arn:aws:")


def test_photos_and_results_are_cleared_when_the_options_say_so(forget, s3):
    s3.put_object(Bucket=INPUT, Key="index/staff/ann.jpg", Body=b"photo")
    s3.put_object(Bucket=RESULTS, Key="results/index/staff/ann.jpg.json", Body=b"{}")
    status, said = forget("--face-id", "f-1", "--yes", "--photos", "--results")
    assert status == 0
    assert "not looked at" not in said
    assert "Versions" not in s3.list_object_versions(Bucket=INPUT)
    assert s3.list_objects_v2(Bucket=RESULTS)["KeyCount"] == 0


def test_something_left_makes_the_command_fail(forget, s3):
    s3.put_object(Bucket=RESULTS, Key="results/search/staff/odd.json", Body=b'{"Note": "f-1"}')
    status, said = forget("--user-id", "ann", "--yes", "--results")
    assert status == 1
    assert "Something is left: run it again." in said


def test_nothing_is_erased_without_a_confirmation(forget, stack):
    status, said = forget("--user-id", "ann")
    assert status == 2
    assert "--yes" in said
    assert stack == []
