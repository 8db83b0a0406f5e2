"""Warm functions agree: the next search of one knows everything that another stored or deleted.

Several Services, each with its own gallery, work on one table in random order. One of them stamps
its changes long before it commits them, as a slow writer would. The compactor runs at random
times, and cold functions start from its snapshots.
"""

import itertools
from contextlib import contextmanager
from functools import partial

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from semblance.gallery.loaded import OVERLAP_SECONDS
from tests.service.conftest import MakeClient, MakeService
from tests.world.compacting import Compacting
from tests.world.fakes import picture
from tests.world.service import Clock

SLOWEST = 55
"""Seconds between stamping a change and committing it: far more than three tries of 8 s."""

people = st.sampled_from(["ann", "bob", "eve", "joe"])
which = st.integers(0, 2)


class WarmFunctions(RuleBasedStateMachine):
    """`live` maps the id of each face that must be found to its person."""

    faces = Bundle("faces")

    numbers = itertools.count()

    def __init__(self, clients, clock: Clock, compact, start) -> None:
        super().__init__()
        self.clock = clock
        self.clients = clients
        self.compact_now = compact
        self.start = start
        self.name = f"staff-{next(self.numbers)}"
        self.live: dict[str, str] = {}
        self.users: dict[str, set[str]] = {}

    @initialize()
    def create(self):
        self.clients[0].create_collection(CollectionId=self.name)

    @rule(target=faces, by=which, group=st.lists(people, max_size=3, unique=True), name=people)
    def index(self, by, group, name):
        reply = self.clients[by].index_faces(
            CollectionId=self.name, Image={"Bytes": picture(*group)}, ExternalImageId=name
        )
        indexed = [record["Face"]["FaceId"] for record in reply["FaceRecords"]]
        self.live |= dict(zip(indexed, group, strict=True))
        return multiple(*indexed)

    @rule(by=which, face=faces)
    def delete(self, by, face):
        reply = self.clients[by].delete_faces(CollectionId=self.name, FaceIds=[face])
        free = not self.is_bound(face)
        assert (reply["DeletedFaces"] == [face]) == (face in self.live and free)
        if free:
            self.live.pop(face, None)

    @rule(by=which)
    def delete_the_collection_and_make_it_anew(self, by):
        self.clients[by].delete_collection(CollectionId=self.name)
        self.clients[by].create_collection(CollectionId=self.name)
        self.live.clear()
        self.users.clear()

    @rule(seconds=st.sampled_from([0.001, 1, OVERLAP_SECONDS, 3 * OVERLAP_SECONDS]))
    def wait(self, seconds):
        self.clock.advance(seconds)

    @rule()
    def compact(self):
        self.clock.advance(0.001)
        assert self.compact_now({"CollectionId": self.name})["Failed"] == []

    @rule(place=which)
    def start_a_function_in_the_place_of_another(self, place):
        if place < 2:  # the third function is the slow writer
            self.clients[place] = self.start()

    @rule(by=which, person=people)
    def search(self, by, person):
        assert self.found(by, person, threshold=80) == {
            face for face, someone in self.live.items() if someone == person
        }

    @rule(by=which)
    def search_everybody(self, by):
        assert self.found(by, "mallory", threshold=0) == self.live.keys()

    @rule(by=which, user=people)
    def create_or_delete_user(self, by, user):
        if user in self.users:
            self.clients[by].delete_user(CollectionId=self.name, UserId=user)
            del self.users[user]
        else:
            self.clients[by].create_user(CollectionId=self.name, UserId=user)
            self.users[user] = set()

    @rule(by=which, user=people, face=faces)
    def associate(self, by, user, face):
        if user not in self.users:
            return
        reply = self.clients[by].associate_faces(
            CollectionId=self.name, UserId=user, FaceIds=[face], UserMatchThreshold=0
        )
        if reply["AssociatedFaces"]:
            assert face in self.live
            assert not self.is_bound(face)
            self.users[user].add(face)
        else:
            assert face not in self.live or self.is_bound(face)

    @rule(by=which, user=people, face=faces)
    def disassociate(self, by, user, face):
        if user not in self.users:
            return
        reply = self.clients[by].disassociate_faces(
            CollectionId=self.name, UserId=user, FaceIds=[face]
        )
        assert bool(reply["DisassociatedFaces"]) == (face in self.users[user])
        self.users[user].discard(face)

    @rule(by=which)
    def search_all_users(self, by):
        reply = self.clients[by].search_users_by_image(
            CollectionId=self.name, Image={"Bytes": picture("mallory")}, UserMatchThreshold=0
        )
        found = [match["User"]["UserId"] for match in reply["UserMatches"]]
        assert sorted(found) == sorted(user for user, held in self.users.items() if held)

    def is_bound(self, face):
        return any(face in held for held in self.users.values())

    def teardown(self):
        self.counts_and_listings_agree()

    @rule()
    def counts_and_listings_agree(self):
        faces = self.clients[0].list_faces(CollectionId=self.name)["Faces"]
        assert [face["FaceId"] for face in faces] == sorted(self.live)
        described = self.clients[1].describe_collection(CollectionId=self.name)
        assert described["FaceCount"] == len(self.live)
        assert described["UserCount"] == len(self.users)
        bound = {face["FaceId"] for face in faces if "UserId" in face}
        assert bound == set().union(*self.users.values())

    def found(self, by, person, *, threshold):
        matches = self.clients[by].search_faces_by_image(
            CollectionId=self.name,
            Image={"Bytes": picture(person, shot=1)},
            FaceMatchThreshold=threshold,
        )["FaceMatches"]
        found = [match["Face"]["FaceId"] for match in matches]
        assert len(set(found)) == len(found)
        return set(found)


@pytest.mark.slow
def test_every_function_knows_what_another_stored_or_deleted(
    make_service: MakeService, make_client: MakeClient, clock: Clock, compacting: Compacting
):
    def start():
        return make_client(make_service())

    def functions():
        slow = make_service(writer_clock=lambda: clock() - SLOWEST)
        return [start(), start(), make_client(slow)]

    run_state_machine_as_test(
        lambda: WarmFunctions(functions(), clock, compacting.run, start),
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_writer_that_was_slow_to_commit_is_still_seen(
    make_service: MakeService, make_client: MakeClient, rekognition, clock: Clock
):
    slow = make_client(make_service(writer_clock=lambda: clock() - SLOWEST))
    rekognition.create_collection(CollectionId="staff")
    request = {"CollectionId": "staff", "Image": {"Bytes": picture("ann")}}
    assert rekognition.search_faces_by_image(**request)["FaceMatches"] == []
    slow.index_faces(**request)
    assert len(rekognition.search_faces_by_image(**request)["FaceMatches"]) == 1


@pytest.mark.slow
def test_a_repeated_call_after_a_crash_between_two_transactions_finishes_the_job(
    make_service: MakeService, make_client: MakeClient, rekognition, table
):
    """A hundred faces take two transactions; the first call dies before its second one."""
    rekognition.create_collection(CollectionId="staff")
    request = {"CollectionId": "staff", "Image": {"Bytes": picture(*map(str, range(100)))}}
    with dying_before_transaction(table, 2), pytest.raises(ClientError):
        rekognition.index_faces(**request)
    everybody = request | {"FaceMatchThreshold": 0, "MaxFaces": 4096}
    other = make_client(make_service())
    assert len(rekognition.list_faces(CollectionId="staff")["Faces"]) == 99
    assert len(other.search_faces_by_image(**everybody)["FaceMatches"]) == 99
    assert len(rekognition.index_faces(**request)["FaceRecords"]) == 100
    assert len(other.search_faces_by_image(**everybody)["FaceMatches"]) == 100


@pytest.mark.slow
def test_a_repeated_token_completes_a_call_that_died_between_its_two_transactions(
    rekognition, table
):
    """A hundred associations take two. The first faces set no threshold for those after them."""
    rekognition.create_collection(CollectionId="staff")
    image = {"Bytes": picture(*map(str, range(100)))}
    records = rekognition.index_faces(CollectionId="staff", Image=image)["FaceRecords"]
    faces = [record["Face"]["FaceId"] for record in records]
    rekognition.create_user(CollectionId="staff", UserId="ann")
    request = {"CollectionId": "staff", "UserId": "ann", "FaceIds": faces}
    for operation, answer, left in (
        ("associate_faces", "AssociatedFaces", 100),
        ("disassociate_faces", "DisassociatedFaces", 0),
    ):
        call = partial(getattr(rekognition, operation), **request, ClientRequestToken=operation)
        with dying_before_transaction(table, 2), pytest.raises(ClientError):
            call()
        for _ in range(2):
            assert [face["FaceId"] for face in call()[answer]] == faces
        bound = rekognition.list_faces(CollectionId="staff", UserId="ann")["Faces"]
        assert len(bound) == left


@contextmanager
def dying_before_transaction(table, number):
    calls = itertools.count(1)

    def die(**_):
        if next(calls) == number:
            raise RuntimeError("killed")

    events, name = table.meta.client.meta.events, "before-call.dynamodb.TransactWriteItems"
    events.register(name, die)
    yield
    events.unregister(name, die)
