"""Every operation by the unmodified AWS CLI, one command after the other."""

import json
import os
import subprocess

import pytest

from semblance.operations.table import OPERATIONS
from tests.contract.replies import assert_is_reply
from tools.checkout import CHECKOUT, PHOTOS
from tools.local.emulator import without_clouds

AWS = CHECKOUT / ".local" / "awscli" / "bin" / "aws"
ARN = "arn:aws:rekognition:us-east-1:000000000000:collection/cli-contract"
HERE = "--collection-id cli-contract"
BARACK = f"{HERE} --user-id barack"

# Values in braces come from the replies so far (face ids) or are places of the pictures.
COMMANDS = [
    ("create-collection", f"{HERE} --tags team=door"),
    ("list-collections", "--max-results 4096"),
    ("index-faces", f"{HERE} --image-bytes fileb://{{photos}}/obama.jpg --external-image-id obama"
     " --max-faces 1 --quality-filter AUTO --detection-attributes ALL"),
    ("list-faces", f"{HERE} --page-size 1"),
    ("describe-collection", HERE),
    ("search-faces", f"{HERE} --face-id {{face_id}} --face-match-threshold 90"),
    ("search-faces-by-image", f"{HERE} --image-bytes fileb://{{photos}}/obama2.jpg"),
    ("detect-faces", '--image {{"S3Object":{{"Bucket":"{bucket}","Name":"contract/cli.jpg"}}}}'),
    ("compare-faces", "--source-image-bytes fileb://{photos}/obama.jpg"
     " --target-image-bytes fileb://{photos}/obama2.jpg --similarity-threshold 99"),
    ("create-user", BARACK),
    ("associate-faces", f"{BARACK} --face-ids {{face_id}} --user-match-threshold 80"),
    ("list-users", HERE),
    ("search-users", f"{HERE} --face-id {{face_id}}"),
    ("search-users-by-image", f"{HERE} --image-bytes fileb://{{photos}}/obama3.jpg"),
    ("disassociate-faces", f"{BARACK} --face-ids {{face_id}}"),
    ("delete-user", BARACK),
    ("tag-resource", f"--resource-arn {ARN} --tags floor=1"),
    ("untag-resource", f"--resource-arn {ARN} --tag-keys team"),
    ("list-tags-for-resource", f"--resource-arn {ARN}"),
    ("delete-faces", f"{HERE} --face-ids {{face_id}}"),
    ("delete-collection", HERE),
]  # fmt: skip


@pytest.fixture(scope="module")
def replies(with_keys, s3):
    content = (PHOTOS / "biden.jpg").read_bytes()
    s3.put_object(Bucket=with_keys.input_bucket, Key="contract/cli.jpg", Body=content)
    known = {"photos": PHOTOS, "bucket": with_keys.input_bucket}
    environment = without_clouds(os.environ) | with_keys.environment()
    replies = {}
    for command, template in COMMANDS:
        words = [word.format(**known) for word in template.split()]
        replies[command] = run(environment, command, *words)
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


def test_every_operation_has_a_command():
    commands = {"".join(map(str.capitalize, name.split("-"))) for name, _ in COMMANDS}
    assert commands == set(OPERATIONS)


@pytest.mark.parametrize("command", [name for name, _ in COMMANDS])
def test_the_reply_fits_the_service_model(replies, command):
    operation = "".join(map(str.capitalize, command.split("-")))
    assert_is_reply(operation, replies[command])


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
