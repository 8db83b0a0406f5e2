"""`semblance dead-letters` on a queue that cannot move its messages by itself."""

import json
import os
import subprocess
import sys
from urllib.parse import quote_plus

import pytest

from tests.deployed.results import awaited
from tools.checkout import CHECKOUT


@pytest.fixture(scope="module")
def tool(deployment):
    """A function that runs the command as an operator would and returns its output."""

    def run(*arguments, status=0):
        done = subprocess.run(
            [sys.executable, "-m", "semblance_cli", "dead-letters", *arguments],
            cwd=CHECKOUT,
            env=os.environ | deployment.environment() | {"COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture
def sqs(deployment):
    """A client, with the dead-letter queue emptied before and after the test."""
    client = deployment.client("sqs")
    client.purge_queue(QueueUrl=deployment.outputs["DeadLetterQueueUrl"])
    yield client
    client.purge_queue(QueueUrl=deployment.outputs["DeadLetterQueueUrl"])


@pytest.fixture
def dead(sqs, deployment):
    """A function that puts a notice of the photo into the dead-letter queue."""

    def die(key, **about):
        place = {"bucket": {"name": deployment.input_bucket}}
        place["object"] = {"key": quote_plus(key), "sequencer": "00", **about}
        body = {"Records": [{"eventName": "ObjectCreated:Put", "s3": place}]}
        sqs.send_message(
            QueueUrl=deployment.outputs["DeadLetterQueueUrl"], MessageBody=json.dumps(body)
        )

    return die


def test_an_empty_queue_is_reported_as_such(tool, sqs):
    assert "no dead letters" in tool("list")


def test_listing_twice_shows_each_with_its_key_and_version(tool, dead):
    for number in range(12):
        dead(f"search/staff/[odd] gate/{number}", versionId=f"version-{number}")
    for _ in range(2):
        listed = tool("list")
        for number in range(12):
            assert f"search/staff/[odd] gate/{number}" in listed
            assert f"version-{number}" in listed


def test_a_message_that_is_not_from_s3_is_listed_too(tool, sqs, deployment):
    for body in ("nonsense", "[]", '{"Records": [{}]}'):
        sqs.send_message(QueueUrl=deployment.outputs["DeadLetterQueueUrl"], MessageBody=body)
    assert tool("list").count("not a notice from S3") == 3


def test_redriven_photos_are_worked_on_again(tool, dead, s3, deployment, collection, photo):
    """These notices name no version, so the worker takes the photos for new ones."""
    keys = [f"search/{collection}/late {number}.jpg" for number in range(2)]
    for key in keys:
        s3.put_object(Bucket=deployment.input_bucket, Key=key, Body=photo("obama2.jpg"))
        assert awaited(s3, deployment, key)["Image"]["Version"]
        s3.delete_object(Bucket=deployment.results_bucket, Key=f"results/{key}.json")
        dead(key)
    assert "Moved back to the queue: 2" in tool("redrive")
    for key in keys:
        result = awaited(s3, deployment, key)
        assert result["Outcome"] == "FacesSearched"
    assert "no dead letters" in tool("list")


def test_a_missing_stack_is_named(tool):
    assert "no stack Elsewhere" in tool("list", "--stack", "Elsewhere", status=2)
