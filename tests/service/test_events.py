"""The recorded events, each passed to its handler."""

import json
from pathlib import Path

import pytest

from functions import api, worker
from semblance.photos.outcomes import Outcomes
from tests.schemas import assert_is_audit
from tests.world.account import ACCOUNT, INPUT_BUCKET, REGION, RESULTS_BUCKET
from tests.world.fakes import picture
from tests.world.inbox import ALL_DONE, context
from tools.checkout import CHECKOUT
from tools.local.invoke import fitted

EVENTS = sorted((CHECKOUT / "events").glob("*.json"))
PHOTOS = {
    "index/staff/biden.jpg": picture("biden"),
    "search/staff/gate-7/1.jpg": picture("obama", "biden", shot=1),
}
OUTCOMES = {"s3-index": "FacesIndexed", "s3-search": "FacesSearched"}


def recorded(path: Path):
    return fitted(path.read_text(), bucket=INPUT_BUCKET, region=REGION, account=ACCOUNT)


def named(prefix: str):
    chosen = [path for path in EVENTS if path.stem.startswith(prefix)]
    return pytest.mark.parametrize("path", chosen, ids=lambda path: path.stem)


def test_each_group_of_operations_and_each_other_way_in_has_an_event():
    groups = {"collections", "faces", "search", "detect", "users", "tags"}
    ways = {"index", "search", "test-event"}
    assert {path.stem for path in EVENTS} == (
        {f"api-{each}" for each in groups} | {f"s3-{each}" for each in ways}
    ) | {"compactor-schedule"}


@pytest.fixture
def photos(s3):
    """The photos in the places that the events name."""
    for key, photo in PHOTOS.items():
        s3.put_object(Bucket=INPUT_BUCKET, Key=key, Body=photo)


@pytest.mark.slow
@named("api-")
def test_the_api_answers_the_recorded_call(path, service, rekognition, photos):
    if path.stem != "api-collections":
        rekognition.create_collection(CollectionId="staff")
    reply = api.respond(recorded(path), context(), lambda: service, assert_is_audit)
    assert reply["statusCode"] == 200, reply["body"]
    json.loads(reply["body"])


@pytest.mark.slow
@named("s3-")
def test_the_worker_handles_the_recorded_message(path, inbox, s3):
    event = recorded(path)
    body = json.loads(event["Records"][0]["body"])
    for entry in body.get("Records", ()):
        found = entry["s3"]["object"]
        put = s3.put_object(Bucket=INPUT_BUCKET, Key=found["key"], Body=PHOTOS[found["key"]])
        found["versionId"] = put["VersionId"]
    event["Records"][0]["body"] = json.dumps(body)
    outcomes = Outcomes(s3, RESULTS_BUCKET, inbox.bus, "default")
    reply = worker.respond(
        event, context(), inbox.service, outcomes, inbox.deliveries, assert_is_audit
    )
    assert reply == ALL_DONE
    told = [entry["DetailType"] for entry in inbox.bus.entries]
    assert told == ([OUTCOMES[path.stem]] if path.stem in OUTCOMES else [])


@pytest.mark.slow
@named("compactor-")
def test_the_compactor_treats_the_recorded_event_as_a_scheduled_run(path, compacting, rekognition):
    rekognition.create_collection(CollectionId="staff")
    report = compacting.run(recorded(path))
    assert [each["collection"] for each in report["Compacted"]] == ["staff"]
