"""`semblance forget` against the deployed stack: the command of docs/erasure.md and its report."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from semblance.model.gallery import RETENTION_TAG
from semblance_cli.commands.forget import digest
from tests.deployed.results import awaited
from tools.checkout import CHECKOUT
from tools.local.emulator import without_clouds

DOCUMENT = (CHECKOUT / "docs" / "erasure.md").read_text(encoding="utf-8")


@pytest.fixture
def staff(deployment, rekognition, s3, photo):
    """A collection with two people, a dropped photo of one, and a result with both names."""
    rekognition.create_collection(CollectionId="staff")
    s3.put_object(
        Bucket=deployment.input_bucket, Key="index/staff/obama.jpg", Body=photo("obama.jpg")
    )
    awaited(s3, deployment, "index/staff/obama.jpg")
    rekognition.index_faces(
        CollectionId="staff", Image={"Bytes": photo("biden.jpg")}, ExternalImageId="biden"
    )
    s3.put_object(
        Bucket=deployment.input_bucket, Key="search/staff/gate.jpg", Body=photo("obama2.jpg")
    )
    (face,) = awaited(s3, deployment, "search/staff/gate.jpg")["Faces"]
    assert [each["Face"]["ExternalImageId"] for each in face["FaceMatches"]] == ["obama"]
    yield
    rekognition.delete_collection(CollectionId="staff")


@pytest.fixture
def shell(deployment, tmp_path):
    ours = [str(Path(sys.executable).parent), str(CHECKOUT / ".local/awscli/bin")]
    path = os.pathsep.join([*ours, os.environ["PATH"]])
    environment = without_clouds(os.environ) | deployment.environment() | {"PATH": path}

    def run(command):
        return subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip

    return run


def test_the_documented_command_erases_a_person_everywhere(
    shell, staff, tmp_path, rekognition, deployment, s3
):
    (command,) = re.findall(r"^```sh\n(semblance forget.*?)^```$", DOCUMENT, re.M | re.S)
    done = shell(command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing of it is left." in done.stdout
    report = json.loads((tmp_path / "forgotten.json").read_text())
    assert report["Sha256"] == digest(report)
    assert report["Sha256"] in done.stdout
    assert report["By"].startswith("arn:aws:")
    assert report["Clean"] is True
    assert report["Erased"] == {"Faces": 1, "Users": 0, "Tokens": 0}
    places = {place["Place"]: place for place in report["Places"]}
    assert places["results of dropped photos"]["Erased"] == 2
    assert places["dropped photos"]["Erased"] == 1
    assert {place["Found"] for place in report["Places"]} == {0}
    faces = rekognition.list_faces(CollectionId="staff")["Faces"]
    assert [face["ExternalImageId"] for face in faces] == ["biden"]
    photos = {"Bucket": deployment.input_bucket, "Prefix": "index/staff/obama."}
    assert "Versions" not in s3.list_object_versions(**photos)
    result = s3.get_object(
        Bucket=deployment.results_bucket, Key="results/search/staff/gate.jpg.json"
    )
    (face,) = json.load(result["Body"])["Faces"]
    assert face["FaceMatches"] == []


def test_nothing_is_erased_without_confirmation(shell, indexed, rekognition):
    done = shell(f"semblance forget {indexed} --external-image-id obama")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert len(rekognition.list_faces(CollectionId=indexed)["Faces"]) == 2


def test_a_missing_collection_is_named(shell):
    done = shell("semblance forget nowhere --user-id u --yes")
    assert done.returncode == 2
    assert "nowhere does not exist" in done.stderr


def test_the_documented_command_makes_a_collection_with_retention(shell, rekognition):
    (command,) = re.findall(r"^```sh\n(aws.*?)^```$", DOCUMENT, re.M | re.S)
    done = shell(command)
    assert done.returncode == 0, done.stderr
    arn = rekognition.describe_collection(CollectionId="visitors")["CollectionARN"]
    tags = rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"]
    rekognition.delete_collection(CollectionId="visitors")
    assert tags == {RETENTION_TAG: "30"}
