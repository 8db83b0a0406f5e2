"""Every operation by the unmodified AWS CLI, one command after the other."""

import json
import os
import subprocess
from graphlib import TopologicalSorter

import pytest

from tests.contract.replies import assert_is_reply
from tools.checkout import CHECKOUT, PHOTOS
from tools.local.emulator import without_clouds
from tools.specimens import SPECIMENS

AWS = CHECKOUT / ".local" / "awscli" / "bin" / "aws"
COLLECTION = "cli-contract"
OBJECT = "contract/cli.jpg"
ARN = f"arn:aws:rekognition:us-east-1:000000000000:collection/{COLLECTION}"


def in_order():
    """The specimens, each after those that its command builds on."""
    last = {name for name, specimen in SPECIMENS.items() if specimen.command.is_last}
    others = SPECIMENS.keys() - last
    before = {
        name: [*specimen.command.after, *(others if name in last else ())]
        for name, specimen in SPECIMENS.items()
    }
    return [SPECIMENS[name] for name in TopologicalSorter(before).static_order()]


@pytest.fixture(scope="module")
def replies(with_keys, s3):
    content = (PHOTOS / "biden.jpg").read_bytes()
    s3.put_object(Bucket=with_keys.input_bucket, Key=OBJECT, Body=content)
    known = {
        "collection": COLLECTION,
        "arn": ARN,
        "photos": PHOTOS,
        "bucket": with_keys.input_bucket,
        "object": OBJECT,
    }
    environment = without_clouds(os.environ) | with_keys.environment()
    replies = {}
    for specimen in in_order():
        command = specimen.command_name
        replies[command] = run(environment, *specimen.command_line(known))
        if command == "index-faces":
            known["face_id"] = replies[command]["FaceRecords"][0]["Face"]["FaceId"]
    return replies


def run(environment, command, *words):
    done = subprocess.run(
        [AWS, "rekognition", command, *words, "--output", "json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return json.loads(done.stdout or "{}")


@pytest.mark.parametrize("operation", SPECIMENS)
def test_the_reply_fits_the_service_model(replies, operation):
    assert_is_reply(operation, replies[SPECIMENS[operation].command_name])


def test_the_person_is_found(replies):
    (match,) = replies["search-faces-by-image"]["FaceMatches"]
    assert match["Face"]["ExternalImageId"] == "obama"
    (match,) = replies["search-users-by-image"]["UserMatches"]
    assert match["User"]["UserId"] == "barack"
    assert replies["search-users"]["UserMatches"] == [match | {"Similarity": pytest.approx(100)}]
    assert replies["search-faces"]["FaceMatches"] == []
    assert len(replies["compare-faces"]["FaceMatches"]) == 1


def test_the_user_is_created_and_deleted(replies):
    assert replies["list-users"]["Users"] == [{"UserId": "barack", "UserStatus": "ACTIVE"}]
    assert replies["disassociate-faces"]["UserStatus"] == "CREATED"
    assert len(replies["delete-faces"]["DeletedFaces"]) == 1


def test_the_tags_are_those_set_and_not_removed(replies):
    assert replies["list-tags-for-resource"]["Tags"] == {"floor": "1"}
