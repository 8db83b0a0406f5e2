"""Folders of photos, imported by the installed command through the real queue and worker."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.checkout import CHECKOUT, PHOTOS
from tools.local.emulator import ACCOUNT, REGION, without_clouds

DOCUMENT = (CHECKOUT / "docs" / "bulk.md").read_text(encoding="utf-8")


@pytest.fixture
def folders(tmp_path):
    """`people` has two people to enrol; `gate` has photos to find them in."""
    for source, target in {
        "obama.jpg": "people/obama/1.jpg",
        "obama3.jpg": "people/obama/2.jpg",
        "biden.jpg": "people/biden.jpg",
        "obama2.jpg": "gate/monday/ä 1+1.jpg",
        "solvay_conference_1927.jpg": "gate/solvay.jpg",
    }.items():
        (tmp_path / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PHOTOS / source, tmp_path / target)
    shutil.copy(PHOTOS / "biden.jpg", tmp_path / "gate" / "joe.jpg")
    return tmp_path


@pytest.fixture
def shell(deployment, folders):
    """A function that runs a command in the folders' parent, and not in the checkout."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = without_clouds(os.environ) | deployment.environment() | {"PATH": path}

    def run(command, **variables):
        return subprocess.run(
            ["bash", "-c", command], cwd=folders, env=environment | variables,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def documented(rekognition):
    """The commands of docs/bulk.md, in the collection that they name."""
    yield "".join(re.findall(r"^```sh\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL))
    rekognition.delete_collection(CollectionId="staff")


def test_the_documented_commands_enrol_two_people_and_find_them(
    shell, documented, folders, rekognition
):
    done = shell(f"set -e\n{documented}")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "3  indexed, 3 faces" in done.stdout
    faces = rekognition.list_faces(CollectionId="staff")["Faces"]
    assert {face["ExternalImageId"] for face in faces} == {"obama:1", "obama:2", "biden"}
    shown = [line.split() for line in done.stdout.splitlines()]
    assert ["joe.jpg", "1", "biden", "100.00", "%"] in shown
    (best,) = (line[3] for line in shown if line[:3] == ["monday/ä", "1+1.jpg", "1"])
    assert best in {"obama:1", "obama:2"}
    assert "1  with nobody known" in done.stdout
    with (folders / "found.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = {(row["file"], row["name"]) for row in rows if row["name"]}
    assert found == {
        ("joe.jpg", "biden"), ("monday/ä 1+1.jpg", "obama:1"), ("monday/ä 1+1.jpg", "obama:2"),
    }  # fmt: skip
    assert all(float(row["similarity"]) >= 90 for row in rows if row["name"])
    assert sum(row["file"] == "solvay.jpg" for row in rows) > 20


def test_a_second_import_sends_only_changed_photos(shell, collection, folders, s3, deployment):
    command = f"semblance import-folder people {collection} --output out.json"
    assert shell(command).returncode == 0
    before = versions(s3, deployment, collection)
    shutil.copy(PHOTOS / "obama2.jpg", folders / "people" / "obama" / "1.jpg")
    (folders / "people" / "notes.jpg").write_text("no picture at all")
    again = shell(command)
    assert again.returncode == 1, again.stderr + again.stdout
    assert "1  indexed, 1 face" in again.stdout
    assert "2  indexed before" in again.stdout
    assert "InvalidImageFormatException" in again.stdout
    sent = versions(s3, deployment, collection) - before
    assert sorted(key.rpartition("/")[2] for key, _ in sent) == ["notes.jpg", "obama:1.jpg"]
    outcomes = {e["file"]: e["outcome"] for e in json.loads((folders / "out.json").read_text())}
    assert outcomes == {
        "biden.jpg": "indexed before", "notes.jpg": "rejected",
        "obama/1.jpg": "indexed", "obama/2.jpg": "indexed before",
    }  # fmt: skip
    third = shell(command)
    assert "3  indexed before" in third.stdout
    assert versions(s3, deployment, collection) - before == sent


def test_the_error_for_a_caller_without_rights_names_the_missing_access(
    shell, collection, deployment
):
    iam = deployment.client("iam")
    iam.create_user(UserName="porter")
    key = iam.create_access_key(UserName="porter")["AccessKey"]
    keys = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    command = f"semblance import-folder people {collection}"
    done = shell(command, **keys)
    assert done.returncode == 2
    assert "execute-api:Invoke" in done.stderr
    api = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{deployment.outputs['ApiId']}/*"
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": api}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="porter", PolicyName="call", PolicyDocument=policy)
    done = shell(command, **keys)
    assert done.returncode == 2
    assert f"Access to the bucket {deployment.input_bucket} is denied" in done.stderr


def versions(s3, deployment, collection):
    found = s3.list_object_versions(
        Bucket=deployment.input_bucket, Prefix=f"index/{collection}/"
    ).get("Versions", ())
    return {(each["Key"], each["VersionId"]) for each in found}
