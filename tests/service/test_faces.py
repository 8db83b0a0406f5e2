"""IndexFaces, ListFaces, DeleteFaces."""

import re
from dataclasses import replace
from itertools import chain

import pytest

from semblance.service.indexing import MOST_FACES_INDEXED
from tests.service.conftest import MakeClient, MakeService
from tests.world.account import INPUT_BUCKET
from tests.world.fakes import CODEC, FakeEngine, picture
from tests.world.service import Clock

UNKNOWN_FACE = "00000000-0000-4000-8000-000000000000"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(autouse=True)
def staff(rekognition):
    rekognition.create_collection(CollectionId="staff")


def index(rekognition, *people, **request):
    image = picture(*people, **request.pop("picture", {}))
    return rekognition.index_faces(CollectionId="staff", Image={"Bytes": image}, **request)


def ids(reply):
    return [record["Face"]["FaceId"] for record in reply["FaceRecords"]]


def listed(rekognition, **request):
    faces = rekognition.list_faces(CollectionId="staff", **request)["Faces"]
    return [face["FaceId"] for face in faces]


def test_index_faces_returns_each_face_largest_first(rekognition):
    reply = index(rekognition, "ann", "bob", ExternalImageId="party:1.jpg")
    first, second = reply["FaceRecords"]
    assert first["Face"]["BoundingBox"]["Width"] > second["Face"]["BoundingBox"]["Width"]
    assert UUID.fullmatch(first["Face"]["FaceId"])
    assert first["Face"]["ImageId"] == second["Face"]["ImageId"]
    assert first["Face"]["ExternalImageId"] == "party:1.jpg"
    assert first["Face"]["IndexFacesModelVersion"] == "7.0"
    assert "UserId" not in first["Face"]
    assert first["FaceDetail"].keys() == {
        "BoundingBox", "Confidence", "Landmarks", "Pose", "Quality",
    }  # fmt: skip
    assert {mark["Type"] for mark in first["FaceDetail"]["Landmarks"]} == {
        "eyeLeft", "eyeRight", "mouthLeft", "mouthRight", "nose",
    }  # fmt: skip
    assert reply["UnindexedFaces"] == []
    assert reply["FaceModelVersion"] == "7.0"
    assert "OrientationCorrection" not in reply


@pytest.mark.slow
def test_floats_are_float32_widened_and_stored_boxes_rounded_first(rekognition):
    face = index(rekognition, "ann", picture={"size": 0.22206712345})["FaceRecords"][0]
    assert face["Face"]["BoundingBox"]["Width"] == 0.2220669984817505
    assert face["FaceDetail"]["BoundingBox"]["Width"] == 0.22206711769104004
    assert listed_face(rekognition)["BoundingBox"]["Width"] == 0.2220669984817505


def listed_face(rekognition):
    return rekognition.list_faces(CollectionId="staff")["Faces"][0]


@pytest.mark.slow
def test_index_faces_of_a_picture_without_a_face_stores_nothing(rekognition):
    reply = index(rekognition)
    assert reply["FaceRecords"] == []
    assert reply["UnindexedFaces"] == []
    assert listed(rekognition) == []


@pytest.mark.slow
def test_the_same_picture_again_gives_the_same_ids_and_stores_nothing(rekognition):
    first = index(rekognition, "ann", "bob", ExternalImageId="a")
    again = index(rekognition, "ann", "bob", ExternalImageId="a")
    assert ids(again) == ids(first)
    assert rekognition.describe_collection(CollectionId="staff")["FaceCount"] == 2
    other = index(rekognition, "ann", "bob", ExternalImageId="b")
    assert not set(ids(other)) & set(ids(first))
    assert other["FaceRecords"][0]["Face"]["ImageId"] == first["FaceRecords"][0]["Face"]["ImageId"]
    assert len(listed(rekognition)) == 4


@pytest.mark.slow
def test_a_face_indexed_again_after_it_was_deleted_is_found_under_a_new_id(rekognition):
    seen = []
    for _ in range(3):
        (face_id,) = ids(index(rekognition, "ann"))
        assert face_id not in seen
        seen.append(face_id)
        assert listed(rekognition) == [face_id]
        assert found(rekognition, "ann") == [face_id]
        rekognition.delete_faces(CollectionId="staff", FaceIds=[face_id])
        assert found(rekognition, "ann") == []


def found(rekognition, person):
    reply = rekognition.search_faces_by_image(
        CollectionId="staff", Image={"Bytes": picture(person, shot=1)}
    )
    return [match["Face"]["FaceId"] for match in reply["FaceMatches"]]


def test_max_faces_keeps_the_good_ones_then_the_largest(rekognition):
    reply = index(
        rekognition, "ann", "bob", "eve",
        picture={"poor": ("ann",)}, MaxFaces=1, QualityFilter="NONE",
    )  # fmt: skip
    (kept,) = reply["FaceRecords"]
    assert kept["Face"]["BoundingBox"]["Left"] == pytest.approx(0.03)  # bob
    assert [face["Reasons"] for face in reply["UnindexedFaces"]] == [["EXCEEDS_MAX_FACES"]] * 2
    assert reply["UnindexedFaces"][0]["FaceDetail"]["BoundingBox"]["Left"] == 0


def test_quality_filter_is_auto_by_default(rekognition):
    reply = index(rekognition, "ann", "bob", picture={"poor": ("ann",)})
    assert len(reply["FaceRecords"]) == 1
    assert reply["UnindexedFaces"][0]["Reasons"] == ["LOW_FACE_QUALITY"]
    reply = index(rekognition, "ann", "bob", picture={"poor": ("ann",)}, QualityFilter="NONE")
    assert len(reply["FaceRecords"]) == 2


@pytest.mark.slow
def test_a_hundred_faces_are_indexed_and_no_more(rekognition):
    crowd = [f"person {number}" for number in range(MOST_FACES_INDEXED + 3)]
    reply = index(rekognition, *crowd, MaxFaces=5000)
    assert len(reply["FaceRecords"]) == MOST_FACES_INDEXED
    assert len(reply["UnindexedFaces"]) == 3
    assert sorted(ids(reply)) == listed(rekognition)
    assert rekognition.describe_collection(CollectionId="staff")["FaceCount"] == 100


def test_index_faces_of_a_picture_in_s3(rekognition, s3):
    s3.put_object(Bucket=INPUT_BUCKET, Key="a photo.jpg", Body=picture("ann"))
    image = {"S3Object": {"Bucket": INPUT_BUCKET, "Name": "a photo.jpg"}}
    reply = rekognition.index_faces(CollectionId="staff", Image=image)
    assert ids(reply) == ids(index(rekognition, "ann"))


@pytest.mark.slow
def test_index_faces_of_an_older_version_in_s3(rekognition, s3):
    s3.put_bucket_versioning(Bucket=INPUT_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket=INPUT_BUCKET, Key="photo", Body=picture("ann"))["VersionId"]
    s3.put_object(Bucket=INPUT_BUCKET, Key="photo", Body=picture("bob"))
    image = {"S3Object": {"Bucket": INPUT_BUCKET, "Name": "photo", "Version": old}}
    rekognition.index_faces(CollectionId="staff", Image=image)
    assert len(found(rekognition, "ann")) == 1
    assert found(rekognition, "bob") == []


@pytest.mark.slow
def test_list_faces_in_ascending_pages(rekognition):
    everybody = sorted(ids(index(rekognition, *"abcdefghijklmnopqrstuvwxyz")))
    assert listed(rekognition) == everybody
    pages = rekognition.get_paginator("list_faces").paginate(
        CollectionId="staff", PaginationConfig={"PageSize": 7}
    )
    replies = [[face["FaceId"] for face in page["Faces"]] for page in pages]
    assert list(map(len, replies)) == [7, 7, 7, 5]
    assert list(chain(*replies)) == everybody


@pytest.mark.slow
def test_list_faces_of_given_ids(rekognition):
    everybody = sorted(ids(index(rekognition, *"abcdef")))
    wanted = [everybody[4], UNKNOWN_FACE, everybody[1]]
    assert listed(rekognition, FaceIds=wanted) == [everybody[1], everybody[4]]
    first = rekognition.list_faces(CollectionId="staff", FaceIds=wanted, MaxResults=1)
    rest = listed(rekognition, FaceIds=wanted, NextToken=first["NextToken"])
    assert rest == [everybody[4]]


@pytest.mark.slow
def test_list_faces_of_a_user(rekognition):
    everybody = ids(index(rekognition, *"abcd"))
    rekognition.create_user(CollectionId="staff", UserId="u")
    assert listed(rekognition, UserId="u") == []
    rekognition.associate_faces(
        CollectionId="staff", UserId="u", FaceIds=everybody[:3], UserMatchThreshold=0
    )
    assert listed(rekognition, UserId="u") == sorted(everybody[:3])
    assert listed(rekognition, UserId="u", FaceIds=everybody[2:]) == [everybody[2]]
    page = rekognition.list_faces(CollectionId="staff", UserId="u", MaxResults=2)
    assert [face["UserId"] for face in page["Faces"]] == ["u", "u"]
    rest = listed(rekognition, UserId="u", MaxResults=2, NextToken=page["NextToken"])
    assert rest == sorted(everybody[:3])[2:]


def test_list_faces_of_an_unknown_user(rekognition):
    with pytest.raises(rekognition.exceptions.ResourceNotFoundException):
        rekognition.list_faces(CollectionId="staff", UserId="nobody")


@pytest.mark.slow
def test_a_token_is_valid_for_its_own_listing_only(rekognition):
    index(rekognition, "ann", "bob")
    token = rekognition.list_faces(CollectionId="staff", MaxResults=1)["NextToken"]
    rekognition.create_collection(CollectionId="guests")
    rekognition.create_user(CollectionId="staff", UserId="u")
    other_listings = [
        lambda: rekognition.list_faces(CollectionId="guests", NextToken=token),
        lambda: rekognition.list_faces(CollectionId="staff", UserId="u", NextToken=token),
        lambda: rekognition.list_faces(
            CollectionId="staff", FaceIds=[UNKNOWN_FACE], NextToken=token
        ),
        lambda: rekognition.list_collections(NextToken=token),
        lambda: rekognition.list_faces(CollectionId="staff", NextToken=token[:-1]),
    ]
    for listing in other_listings:
        with pytest.raises(rekognition.exceptions.InvalidPaginationTokenException):
            listing()


@pytest.mark.slow
def test_delete_faces_lists_the_deleted_faces_and_the_unknown_ones(rekognition):
    ann, bob = ids(index(rekognition, "ann", "bob"))
    reply = rekognition.delete_faces(CollectionId="staff", FaceIds=[bob, UNKNOWN_FACE, bob])
    assert reply["DeletedFaces"] == [bob]
    assert reply["UnsuccessfulFaceDeletions"] == [
        {"FaceId": UNKNOWN_FACE, "Reasons": ["FACE_NOT_FOUND"]}
    ]
    assert listed(rekognition) == [ann]
    assert rekognition.describe_collection(CollectionId="staff")["FaceCount"] == 1
    again = rekognition.delete_faces(CollectionId="staff", FaceIds=[bob])
    assert again["DeletedFaces"] == []
    assert rekognition.describe_collection(CollectionId="staff")["FaceCount"] == 1


@pytest.mark.slow
def test_many_faces_are_deleted_in_one_call(rekognition):
    everybody = [
        face_id
        for shot in range(3)
        for face_id in ids(index(rekognition, *map(str, range(80)), picture={"shot": shot}))
    ]
    reply = rekognition.delete_faces(CollectionId="staff", FaceIds=everybody)
    assert reply["DeletedFaces"] == everybody
    assert listed(rekognition) == []


def test_a_deleted_face_leaves_only_its_bare_key_in_the_table(rekognition, table, clock: Clock):
    (face_id,) = ids(index(rekognition, "ann", ExternalImageId="ann"))
    rekognition.delete_faces(CollectionId="staff", FaceIds=[face_id])
    (left,) = [item for item in table.scan()["Items"] if item["sk"] == face_id]
    assert left.keys() == {"pk", "sk", "expires_at"}
    assert left["expires_at"] == int(clock.now) + 48 * 3600


def test_a_face_takes_less_than_one_write_unit(rekognition, table):
    (face_id,) = ids(index(rekognition, "ann", ExternalImageId="e" * 255))
    (item,) = [item for item in table.scan()["Items"] if item["sk"] == face_id]
    sizes = [len(name) + len(str(value)) for name, value in item.items() if name != "embedding"]
    assert sum(sizes) + len(bytes(item["embedding"])) < 1024
    assert len(bytes(item["embedding"])) == 2 * CODEC.size


def test_a_collection_of_another_model_is_refused_with_a_remedy(
    make_service: MakeService, make_client: MakeClient
):
    client = make_client(make_service(engine=FakeEngine(replace(CODEC, model_id="fake-2"))))
    with pytest.raises(client.exceptions.InvalidParameterException, match=r"fake-1.*fake-2"):
        client.index_faces(CollectionId="staff", Image={"Bytes": picture("ann")})
    assert client.describe_collection(CollectionId="staff")["FaceCount"] == 0


@pytest.mark.slow
def test_a_collection_too_large_for_the_memory_is_refused_with_the_settings_to_change(
    make_service: MakeService, make_client: MakeClient
):
    client = make_client(make_service(budget_bytes=177 * 1000))
    (face_id,) = ids(index(client, "ann"))
    with pytest.raises(client.exceptions.InvalidParameterException) as refusal:
        client.search_faces(CollectionId="staff", FaceId=face_id)
    assert "room for 1,000 faces" in refusal.value.response["Error"]["Message"]
    assert "api_memory_mib" in refusal.value.response["Error"]["Message"]
