"""`python -m tools.local.invoke` with every recorded event, as docs/events.md describes it."""

import os
import subprocess
import sys

import pytest

from tools.checkout import CHECKOUT, PHOTOS

EVENTS = {path.stem: path for path in sorted((CHECKOUT / "events").glob("*.json"))}


@pytest.fixture(scope="module")
def invoke(deployment):
    """A function that returns the handler's answer, which follows its log lines."""

    def run(name, *options):
        done = subprocess.run(
            [sys.executable, "-m", "tools.local.invoke", str(EVENTS[name]), *options],
            cwd=CHECKOUT,
            env=os.environ | deployment.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def staff(rekognition):
    """The collection that the events name."""
    rekognition.create_collection(CollectionId="staff")
    yield "staff"
    rekognition.delete_collection(CollectionId="staff")


@pytest.fixture(scope="module")
def dropped(s3, deployment, staff):
    """The photos that the events name."""
    photos = {"index/staff/biden.jpg": "biden", "search/staff/gate-7/1.jpg": "obama3"}
    for key, name in photos.items():
        content = (PHOTOS / f"{name}.jpg").read_bytes()
        s3.put_object(Bucket=deployment.input_bucket, Key=key, Body=content)


@pytest.mark.parametrize("name", [name for name in EVENTS if name.startswith("api-")])
def test_a_call_is_answered(invoke, dropped, name, rekognition):
    if name == "api-collections":
        rekognition.delete_collection(CollectionId="staff")
    assert '"statusCode": 200' in invoke(name)


def test_s3s_test_event_is_ignored(invoke):
    said = invoke("s3-test-event")
    assert '"batchItemFailures": []' in said
    assert '"processed"' not in said


@pytest.mark.parametrize("name", ["s3-index", "s3-search"])
def test_a_dropped_photo_is_worked_on_again(invoke, dropped, name):
    said = invoke(name)
    assert '"batchItemFailures": []' in said
    assert '"processed"' in said


def test_invoke_can_upload_the_photo_first(invoke, staff):
    said = invoke("s3-search", "--photo", str(PHOTOS / "obama2.jpg"))
    assert "FacesSearched" in said


def test_the_compactor_runs(invoke, staff):
    said = invoke("compactor-schedule")
    assert '"Failed": []' in said
    assert '"compacted"' in said
