"""Erasure: a person is removed from every stored byte, and every place is searched."""

import pytest

from semblance import errors
from semblance.model.gallery import RETENTION_TAG
from tests.world.compacting import vectors_of
from tests.world.fakes import picture

PLACES = [
    "faces", "users", "change records", "request tokens", "snapshots", "snapshots half sent",
]  # fmt: skip
DAY = 86_400


@pytest.fixture
def staff(rekognition, compacting, clock):
    """The face ids of four people, two of them users, in the table and in a snapshot."""
    rekognition.create_collection(CollectionId="staff")
    faces = {}
    for person in ("ann", "bob", "eve", "joe"):
        reply = rekognition.index_faces(
            CollectionId="staff", Image={"Bytes": picture(person)}, ExternalImageId=f"{person}.1"
        )
        faces[person] = reply["FaceRecords"][0]["Face"]["FaceId"]
    for user, members in {"u:ann": ("ann", "joe"), "u:bob": ("bob",)}.items():
        rekognition.create_user(CollectionId="staff", UserId=user)
        rekognition.associate_faces(
            CollectionId="staff",
            UserId=user,
            FaceIds=[faces[member] for member in members],
            UserMatchThreshold=0,
            ClientRequestToken=user.replace(":", "-"),
        )
    compacting.run()
    assert compacting.objects()
    clock.advance(300)
    return faces


def forget(compacting, **who):
    return compacting.run({"CollectionId": "staff", "Forget": who})


def listed(rekognition):
    faces = rekognition.list_faces(CollectionId="staff")["Faces"]
    return sorted(face["ExternalImageId"] for face in faces)


def assert_looked_everywhere(report):
    assert [place["Place"] for place in report["Places"]] == PLACES
    assert [place["Found"] for place in report["Places"]] == [0] * len(PLACES)
    assert report["Clean"] is True


@pytest.mark.slow
@pytest.mark.parametrize("by", ["FaceIds", "ExternalImageId"])
def test_a_face_is_gone_from_every_stored_byte(compacting, rekognition, staff, by):
    assert all(compacting.holds(vector) for vector in vectors_of("ann"))
    report = forget(compacting, **{by: [staff["ann"]] if by == "FaceIds" else "ann.1"})
    assert not compacting.holds(*vectors_of("ann"))
    assert_looked_everywhere(report)
    assert report["FaceIds"] == [staff["ann"]]
    assert report["ExternalImageIds"] == ["ann.1"]
    assert report["Erased"] == {"Faces": 1, "Users": 0, "Tokens": 1}
    assert "ann.1" not in repr(compacting.items(""))
    assert listed(rekognition) == ["bob.1", "eve.1", "joe.1"]
    assert rekognition.describe_collection(CollectionId="staff")["FaceCount"] == 3


@pytest.mark.slow
def test_a_users_vector_loses_the_face_too(compacting, rekognition, staff):
    before = {bytes(item["embedding"]) for item in compacting.items("U#")}
    forget(compacting, FaceIds=[staff["ann"]])
    after = {bytes(item["embedding"]) for item in compacting.items("U#")}
    (shared,) = before - after
    assert not compacting.holds(shared)
    reply = rekognition.search_users(CollectionId="staff", FaceId=staff["joe"])
    assert [match["User"]["UserId"] for match in reply["UserMatches"]] == ["u:ann"]
    assert reply["UserMatches"][0]["Similarity"] > 99


@pytest.mark.slow
def test_a_user_is_erased_with_all_its_faces(compacting, rekognition, staff):
    report = forget(compacting, UserId="u:ann")
    assert_looked_everywhere(report)
    assert report["Erased"] == {"Faces": 2, "Users": 1, "Tokens": 1}
    assert report["ExternalImageIds"] == ["ann.1", "joe.1"]
    assert not compacting.holds(*vectors_of("ann"), *vectors_of("joe"))
    assert listed(rekognition) == ["bob.1", "eve.1"]
    users = rekognition.list_users(CollectionId="staff")["Users"]
    assert users == [{"UserId": "u:bob", "UserStatus": "ACTIVE"}]
    counts = rekognition.describe_collection(CollectionId="staff")
    assert (counts["FaceCount"], counts["UserCount"]) == (2, 1)


@pytest.mark.slow
def test_a_face_that_was_deleted_before_is_removed_from_the_copies(compacting, rekognition, staff):
    rekognition.delete_faces(CollectionId="staff", FaceIds=[staff["eve"]])
    assert compacting.holds(vectors_of("eve")[1])
    report = forget(compacting, FaceIds=[staff["eve"]])
    assert_looked_everywhere(report)
    assert report["Erased"]["Faces"] == 0
    assert not compacting.holds(*vectors_of("eve"))


@pytest.mark.slow
def test_only_a_bare_face_id_is_left_for_two_days(compacting, rekognition, staff, clock):
    forget(compacting, FaceIds=[staff["eve"]])
    left = [item for item in compacting.items("F#") if item["sk"] == staff["eve"]]
    assert [sorted(item) for item in left] == [["expires_at", "pk", "sk"]]
    assert int(left[0]["expires_at"]) == pytest.approx(clock() + 2 * DAY, abs=5)


@pytest.mark.slow
def test_every_place_is_searched_for_an_unknown_person_too(compacting, staff):
    report = forget(compacting, ExternalImageId="nobody")
    assert_looked_everywhere(report)
    assert report["Erased"] == {"Faces": 0, "Users": 0, "Tokens": 0}


@pytest.mark.slow
def test_a_reader_that_starts_afterwards_finds_the_others(
    compacting, staff, make_service, make_client
):
    forget(compacting, UserId="u:ann")
    cold = make_client(make_service())

    def found(person):
        reply = cold.search_faces_by_image(
            CollectionId="staff", Image={"Bytes": picture(person)}, FaceMatchThreshold=99
        )
        return [match["Face"]["ExternalImageId"] for match in reply["FaceMatches"]]

    assert [found(person) for person in ("ann", "joe", "bob")] == [[], [], ["bob.1"]]


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        {}, [], "ann", {"FaceIds": []}, {"FaceIds": ["x"]}, {"UserId": ""}, {"Name": "ann"},
        {"UserId": "u:ann", "ExternalImageId": "ann.1"}, {"ExternalImageId": "two words"},
    ],
)  # fmt: skip
def test_an_invalid_request_erases_nothing(compacting, rekognition, staff, asked):
    reply = compacting.run({"CollectionId": "staff", "Forget": asked})
    assert reply["Error"]["Code"] in (
        "InvalidParameterException",
        "ValidationException",
        "SerializationException",
    )
    assert listed(rekognition) == ["ann.1", "bob.1", "eve.1", "joe.1"]


def test_a_collection_that_does_not_exist(compacting):
    reply = compacting.run({"CollectionId": "nowhere", "Forget": {"UserId": "u"}})
    assert reply["Error"]["Code"] == errors.ResourceNotFoundException.__name__


# Retention


@pytest.mark.slow
def test_old_faces_are_erased_within_two_days_from_every_stored_byte(
    compacting, rekognition, staff, clock, service
):
    arn = service.collection_arn("staff")
    rekognition.tag_resource(ResourceArn=arn, Tags={RETENTION_TAG: "7"})
    clock.advance(5 * DAY)
    rekognition.index_faces(
        CollectionId="staff", Image={"Bytes": picture("ann", shot=1)}, ExternalImageId="ann.2"
    )
    for person in ("kim", "lee", "max"):
        rekognition.index_faces(CollectionId="staff", Image={"Bytes": picture(person)})
    compacting.by_the_clock()
    assert len(compacting.items("F#")) == 8
    clock.advance(3 * DAY)
    for _ in range(4):  # within a day of their time
        compacting.by_the_clock()
        clock.advance(DAY / 4)
    assert not compacting.holds(*vectors_of("ann"), *vectors_of("bob"), *vectors_of("eve"))
    assert compacting.holds(vectors_of("kim")[1])
    assert rekognition.describe_collection(CollectionId="staff")["FaceCount"] == 4
    users = rekognition.list_users(CollectionId="staff")["Users"]
    assert {user["UserStatus"] for user in users} == {"CREATED"}


@pytest.mark.slow
def test_a_changed_retention_applies_from_the_next_run(
    compacting, rekognition, staff, clock, service
):
    arn = service.collection_arn("staff")
    for days, left in (("7", 4), ("2", 0)):
        rekognition.tag_resource(ResourceArn=arn, Tags={RETENTION_TAG: days})
        clock.advance(3 * DAY if days == "7" else 900)
        compacting.by_the_clock()
        assert rekognition.describe_collection(CollectionId="staff")["FaceCount"] == left


@pytest.mark.slow
def test_a_collection_without_retention_keeps_its_faces(compacting, rekognition, staff, clock):
    clock.advance(4_000 * DAY)
    compacting.by_the_clock()
    assert len(listed(rekognition)) == 4
