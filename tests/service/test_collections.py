"""CreateCollection, DescribeCollection, ListCollections, DeleteCollection."""

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.world.account import ACCOUNT, REGION
from tests.world.fakes import picture
from tests.world.service import Clock


def test_create_collection_returns_the_arn_without_its_prefix_as_aws_does(rekognition):
    reply = rekognition.create_collection(CollectionId="staff")
    assert reply["CollectionArn"] == f"aws:rekognition:{REGION}:{ACCOUNT}:collection/staff"
    assert reply["StatusCode"] == 200
    assert reply["FaceModelVersion"] == "7.0"


def test_create_collection_twice_is_refused(rekognition):
    rekognition.create_collection(CollectionId="staff")
    with pytest.raises(
        rekognition.exceptions.ResourceAlreadyExistsException,
        match="The collection id: staff already exists",
    ):
        rekognition.create_collection(CollectionId="staff")


def test_create_collection_whose_first_reply_from_the_table_is_lost_succeeds(rekognition, table):
    events = table.meta.client.meta.events

    def lose_the_reply(request, **_):
        if b"PutItem" in request.headers["X-Amz-Target"]:
            events.unregister("before-send", lose_the_reply)
            raise ReadTimeoutError(endpoint_url=request.url)

    events.register_last(
        "before-send", lose_the_reply
    )  # moto has processed the request before this
    assert rekognition.create_collection(CollectionId="staff")["StatusCode"] == 200
    assert rekognition.list_collections()["CollectionIds"] == ["staff"]


def test_collection_ids_are_case_sensitive(rekognition):
    rekognition.create_collection(CollectionId="staff")
    rekognition.create_collection(CollectionId="Staff")
    assert rekognition.list_collections()["CollectionIds"] == ["Staff", "staff"]


@pytest.mark.parametrize("collection_id", ["", "two words", "x" * 256, "é"])
def test_create_collection_refuses_a_bad_id(rekognition, collection_id):
    with pytest.raises(ClientError, match="at 'collectionId' failed to satisfy") as refused:
        rekognition.create_collection(CollectionId=collection_id)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert rekognition.list_collections()["CollectionIds"] == []


def test_describe_collection(rekognition, clock: Clock):
    rekognition.create_collection(CollectionId="staff")
    rekognition.index_faces(CollectionId="staff", Image={"Bytes": picture("ann", "bob")})
    reply = rekognition.describe_collection(CollectionId="staff")
    assert reply["CollectionARN"] == f"arn:aws:rekognition:{REGION}:{ACCOUNT}:collection/staff"
    assert reply["FaceCount"] == 2
    assert reply["UserCount"] == 0
    assert reply["FaceModelVersion"] == "7.0"
    assert reply["CreationTimestamp"] == datetime.fromtimestamp(clock.now, UTC)


@pytest.mark.slow
def test_list_collections_in_pages(rekognition):
    names = [f"c{number:02}" for number in range(7)]
    for name in reversed(names):
        rekognition.create_collection(CollectionId=name)
    pages = rekognition.get_paginator("list_collections").paginate(PaginationConfig={"PageSize": 3})
    replies = list(pages)
    assert [reply["CollectionIds"] for reply in replies] == [names[:3], names[3:6], names[6:]]
    assert replies[0]["FaceModelVersions"] == ["7.0"] * 3
    assert "NextToken" not in replies[-1]


def test_list_collections_treats_max_results_zero_as_the_default(rekognition):
    rekognition.create_collection(CollectionId="staff")
    reply = rekognition.list_collections(MaxResults=0)
    assert reply["CollectionIds"] == ["staff"]
    assert "NextToken" not in reply


@pytest.mark.slow
def test_a_token_for_the_longest_ids_is_within_the_models_limit(rekognition):
    names = ["x" * 254 + last for last in "-._0aZz"]
    for name in names:
        rekognition.create_collection(CollectionId=name)
    seen, token = [], {}
    for _ in names:
        reply = rekognition.list_collections(MaxResults=1, **token)
        seen += reply["CollectionIds"]
        token = {"NextToken": reply.get("NextToken", "")}
        assert len(token["NextToken"]) <= 255
    assert seen == sorted(names)


@pytest.mark.slow
@pytest.mark.parametrize("token", ["", "nonsense", "~", "~~~", "!", "é", "AAAAAAAAc3RhZmY"])
def test_list_collections_refuses_an_invalid_token(rekognition, token):
    with pytest.raises(rekognition.exceptions.InvalidPaginationTokenException):
        rekognition.list_collections(NextToken=token)


@pytest.mark.slow
def test_delete_collection_frees_the_name_at_once_and_removes_its_faces(rekognition):
    rekognition.create_collection(CollectionId="staff")
    rekognition.index_faces(CollectionId="staff", Image={"Bytes": picture("ann")})
    assert rekognition.delete_collection(CollectionId="staff")["StatusCode"] == 200
    rekognition.create_collection(CollectionId="staff")
    assert rekognition.list_faces(CollectionId="staff")["Faces"] == []
    found = rekognition.search_faces_by_image(
        CollectionId="staff", Image={"Bytes": picture("ann")}, FaceMatchThreshold=0
    )
    assert found["FaceMatches"] == []
    assert rekognition.describe_collection(CollectionId="staff")["FaceCount"] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("describe_collection", {}),
        ("delete_collection", {}),
        ("list_faces", {}),
        ("delete_faces", {"FaceIds": ["00000000-0000-0000-0000-000000000000"]}),
        ("search_faces", {"FaceId": "00000000-0000-0000-0000-000000000000"}),
        ("search_faces_by_image", {"Image": {"Bytes": b"not looked at"}}),
        ("index_faces", {"Image": {"Bytes": b"not looked at"}}),
    ],
)
def test_an_unknown_collection_is_refused_before_anything_else(rekognition, operation, request_):
    with pytest.raises(
        rekognition.exceptions.ResourceNotFoundException,
        match="The collection id: nobody does not exist",
    ):
        getattr(rekognition, operation)(CollectionId="nobody", **request_)
