"""One table with collections of two models: a deployment searches its own model's alone, and keeps
the others in order. And an upgrade from the version that did not name models."""

import functools
from dataclasses import dataclass, replace
from typing import Any

import pytest

from semblance.contract import schema
from semblance.embedding.codec import UNMARKED
from semblance.maintenance.sweeping import LAST_WRITE_SECONDS
from semblance.maintenance.visit import QUIET_MS
from semblance.model.gallery import RETENTION_TAG
from tests.service.test_compaction import counts, delete, index, miscount
from tests.service.test_compaction_crashes import deaths
from tests.world.account import SNAPSHOTS_BUCKET
from tests.world.compacting import Compacting, make_compacting, vectors_of
from tests.world.fakes import CODEC, FakeEngine, picture
from tests.world.former import header_of, make_former

pytestmark = pytest.mark.slow

PEOPLE = ("ann", "bob", "eve", "joe", "kim", "lee")
QUIET = QUIET_MS / 1000 + 1
DAY = 86_400
OTHERS = [
    replace(CODEC, model_id="fake-2", largest=0.55),
    replace(CODEC, model_id="fake-96", size=96),
    replace(CODEC, model_id="fake-512", size=512),
]
"""Of the model that the second deployment runs; the first runs CODEC."""


@dataclass
class Deployment:
    client: Any
    compacting: Compacting
    cold: Any
    """Makes a client of a new process."""


@pytest.fixture
def deploy(make_service, make_client, table, s3, snapshots, tmp_path):
    """A function that deploys the service with a codec, beside the deployments there are. `knows`:
    the codecs of other models in its manifest."""

    def deploy(codec, *knows):
        others = {each.model_id: each for each in knows}
        make = functools.partial(make_service, engine=FakeEngine(codec), others=others)
        compacting = make_compacting(table, s3, make(), snapshots, tmp_path, others)
        return Deployment(make_client(make()), compacting, lambda: make_client(make()))

    return deploy


@pytest.fixture
def first(deploy):
    return deploy(CODEC)


@pytest.fixture(params=OTHERS, ids=lambda codec: codec.model_id)
def second(deploy, request):
    return deploy(request.param, CODEC)


@pytest.fixture
def ignorant(deploy):
    """A deployment that does not know the first one's model."""
    return deploy(replace(CODEC, model_id="fake-2", size=96))


@pytest.fixture
def staff(first, clock):
    """Six face ids by person, in a collection of the first deployment, with two users."""
    first.client.create_collection(CollectionId="staff")
    faces = index(first.client, *PEOPLE)
    for user, members in {"u:1": ("ann", "bob", "eve", "joe"), "u:2": ("kim",)}.items():
        clock.advance(1)
        first.client.create_user(CollectionId="staff", UserId=user)
        clock.advance(1)
        first.client.associate_faces(
            CollectionId="staff",
            UserId=user,
            FaceIds=[faces[member] for member in members],
            UserMatchThreshold=0,
        )
    clock.advance(1)
    return faces


def answers(client):
    """All that searches of the collection can say."""
    everything = {"CollectionId": "staff", "Image": {"Bytes": picture("mallory")}}
    said = [
        client.search_faces_by_image(**everything, FaceMatchThreshold=0)["FaceMatches"],
        client.search_users_by_image(**everything, UserMatchThreshold=0)["UserMatches"],
    ]
    for person in PEOPLE:
        asked = {"CollectionId": "staff", "Image": {"Bytes": picture(person, shot=1)}}
        said.append(client.search_faces_by_image(**asked, FaceMatchThreshold=90)["FaceMatches"])
        said.append(client.search_users_by_image(**asked, UserMatchThreshold=90)["UserMatches"])
    return said


def users_like(client, person):
    """At 99, where the mean of four people matches none of them."""
    reply = client.search_users_by_image(
        CollectionId="staff", Image={"Bytes": picture(person)}, UserMatchThreshold=99
    )
    return [match["User"]["UserId"] for match in reply["UserMatches"]]


def snapshot(deployment):
    (content,) = deployment.compacting.objects().values()
    return content


def test_the_other_models_snapshot_gives_the_same_answers(first, second, staff, clock):
    delete(first.client, staff["lee"])
    from_the_table = answers(first.cold())
    assert [len(matches) for matches in from_the_table[:2]] == [5, 2]
    clock.advance(QUIET)
    (report,) = second.compacting.by_the_clock()["Compacted"]
    assert (report["counts"], report["snapshot_faces"]) == ("right", 5)
    assert (header_of(snapshot(first))["model_id"], header_of(snapshot(first))["size"]) == (
        "fake-1",
        160,
    )
    clock.advance(schema.CHANGES_KEPT_SECONDS - 2 * 3600)  # the snapshot has nearly all of it
    second.compacting.run()
    for person in PEOPLE[:-1]:
        assert vectors_of(person)[1] in snapshot(first)
    assert not first.compacting.holds(*vectors_of("lee"))
    assert answers(first.cold()) == answers(first.client) == from_the_table


def test_a_deployment_of_another_model_refuses_to_search_and_can_delete(first, second, staff):
    with pytest.raises(second.client.exceptions.InvalidParameterException, match="fake-1"):
        answers(second.client)
    delete(second.client, staff["lee"])
    second.client.delete_user(CollectionId="staff", UserId="u:2")
    delete(second.client, staff["kim"])
    assert counts(second.client) == (4, 1)
    left = answers(first.client)
    assert [len(matches) for matches in left[:2]] == [4, 1]
    assert answers(first.cold()) == left


@pytest.mark.parametrize("knows", [[CODEC], []], ids=["known", "unknown"])
@pytest.mark.parametrize("through", ["DisassociateFaces", "Forget"])
def test_a_user_that_loses_faces_is_found_by_those_that_are_left(
    first, deploy, staff, clock, knows, through
):
    """By a warm reader, by one that starts from the table, and by one that starts from a snapshot
    and the change."""
    second = deploy(replace(CODEC, model_id="fake-2", size=96, largest=0.55), *knows)
    first.compacting.run()
    warm = first.client
    assert users_like(warm, "joe") == []
    gone = [staff[person] for person in ("ann", "bob", "eve")]
    if through == "Forget":
        asked = {"CollectionId": "staff", "Forget": {"FaceIds": gone}}
        assert second.compacting.run(asked)["Clean"] is True
    else:
        second.client.disassociate_faces(CollectionId="staff", UserId="u:1", FaceIds=gone)
    for client in (warm, first.cold()):
        assert users_like(client, "joe") == ["u:1"]
        assert users_like(client, "ann") == []
    first.compacting.run()
    assert users_like(first.cold(), "joe") == ["u:1"]


def test_a_collection_of_an_unknown_model_has_no_snapshot_and_every_other_duty(
    first, ignorant, staff, clock, table
):
    first.compacting.run()
    delete(ignorant.client, staff["lee"])
    ignorant.client.create_user(CollectionId="staff", UserId="u:3")
    ignorant.client.delete_user(CollectionId="staff", UserId="u:3")
    miscount(table)
    clock.advance(QUIET)
    (report,) = ignorant.compacting.by_the_clock()["Compacted"]
    assert (report["counts"], report["snapshot_faces"]) == ("corrected", None)
    assert first.compacting.objects() == {}
    assert not first.compacting.holds(*vectors_of("lee"))
    assert counts(first.client) == (5, 2)
    assert [len(matches) for matches in answers(first.cold())[:2]] == [5, 2]
    first.compacting.run()
    assert header_of(snapshot(first))["model_id"] == "fake-1"

    clock.advance(schema.CHANGES_KEPT_SECONDS)
    ignorant.compacting.run()
    assert first.compacting.items("L#") == []
    arn = first.client.describe_collection(CollectionId="staff")["CollectionARN"]
    ignorant.client.tag_resource(ResourceArn=arn, Tags={RETENTION_TAG: "1"})
    assert ignorant.compacting.run()["Compacted"][0]["retired"] == 5
    assert counts(first.client) == (0, 2)
    ignorant.client.delete_collection(CollectionId="staff")
    clock.advance(LAST_WRITE_SECONDS)
    assert ignorant.compacting.by_the_clock()["Erased"] == 1
    assert first.compacting.items("") == []


def test_a_snapshot_of_the_wrong_codec_is_passed_over_and_replaced_at_the_next_visit(
    first, staff, clock, table
):
    """As a version wrote it that did not know the collection's model."""
    first.compacting.run()
    right = answers(first.cold())
    (key,) = first.compacting.objects()
    wrong = key[:-8] + OTHERS[0].mark.hex()
    place = {"Bucket": SNAPSHOTS_BUCKET, "CopySource": {"Bucket": SNAPSHOTS_BUCKET, "Key": key}}
    first.compacting.s3.copy_object(Key=wrong, **place)
    first.compacting.s3.delete_object(Bucket=SNAPSHOTS_BUCKET, Key=key)
    assert answers(first.cold()) == right
    clock.advance(1)
    (report,) = first.compacting.by_the_clock()["Compacted"]
    assert report["snapshot_faces"] == 6
    (replaced,) = first.compacting.objects()
    assert replaced.endswith(CODEC.mark.hex())
    assert answers(first.cold()) == right


# An upgrade from version 0.1.0


@pytest.fixture
def former(deploy):
    """The model that version 0.1.0 ran."""
    return deploy(UNMARKED)


@pytest.fixture
def left_behind(former, clock, table, s3, tmp_path):
    """Face ids by person, in a collection as version 0.1.0 left it: a snapshot, and changes after
    it. Gone since: lee, a face, and ann, from a user."""
    former.client.create_collection(CollectionId="staff")
    faces = index(former.client, "ann", "bob", "eve", "lee")
    former.client.create_user(CollectionId="staff", UserId="u")
    clock.advance(1)
    both = [faces["ann"], faces["bob"]]
    former.client.associate_faces(
        CollectionId="staff", UserId="u", FaceIds=both, UserMatchThreshold=0
    )
    clock.advance(QUIET)
    former.compacting.run()
    faces |= index(former.client, "joe", "kim")
    delete(former.client, faces.pop("lee"))
    former.client.disassociate_faces(CollectionId="staff", UserId="u", FaceIds=[faces["ann"]])
    clock.advance(60)
    make_former(table, s3, SNAPSHOTS_BUCKET, tmp_path / "former")
    assert not [item for item in former.compacting.items("L#") if "model" in item]
    return faces


def all_there(client, faces):
    everybody, users = answers(client)[:2]
    found = {match["Face"]["FaceId"] for match in everybody}
    return found == set(faces.values()) and len(users) == 1 and users_like(client, "bob") == ["u"]


def test_what_the_version_before_stored_is_read_as_it_was_meant(former, left_behind, table):
    reads = []

    def note(params, **_):
        reads.append(params["body"])

    table.meta.client.meta.events.register("before-call.dynamodb.Query", note, "reads")
    assert all_there(former.cold(), left_behind)
    table.meta.client.meta.events.unregister("before-call.dynamodb.Query", unique_id="reads")
    assert not [body for body in reads if b"F#" in body]  # the snapshot and the changes sufficed


def test_a_compactor_that_is_killed_at_any_call_of_the_upgrade_loses_nothing(
    former, left_behind, table, s3, clock, tmp_path
):
    most = 0
    for calls in deaths([table.meta.client, s3], former.compacting.run):
        most = calls
        assert all_there(former.cold(), left_behind)
        former.compacting.run()
        assert all_there(former.cold(), left_behind)
        clock.advance(1)
        left_behind |= index(former.client, f"new {calls}")
        delete(former.client, left_behind.pop("kim" if calls == 1 else f"new {calls - 1}"))
        make_former(table, s3, SNAPSHOTS_BUCKET, tmp_path / "former")
    assert most >= 5
    assert {header_of(each)["model_id"] for each in former.compacting.objects().values()} == {
        UNMARKED.model_id
    }


def test_the_new_model_gets_its_own_collections_and_keeps_the_former_ones_in_order(
    former, left_behind, deploy, clock
):
    upgraded = deploy(replace(CODEC, model_id="fused", largest=0.55), UNMARKED)
    delete(upgraded.client, left_behind.pop("kim"))
    upgraded.client.create_collection(CollectionId="new")
    index(upgraded.client, *PEOPLE, collection="new")
    clock.advance(QUIET)
    done = {each["collection"]: each for each in upgraded.compacting.run()["Compacted"]}
    assert {name: each["snapshot_faces"] for name, each in done.items()} == {"staff": 4, "new": 6}
    made = sorted(header_of(each)["model_id"] for each in former.compacting.objects().values())
    assert made == [UNMARKED.model_id, "fused"]
    assert all_there(former.cold(), left_behind)
    reply = upgraded.cold().search_faces_by_image(
        CollectionId="new", Image={"Bytes": picture("ann", shot=1)}
    )
    assert len(reply["FaceMatches"]) == 1
