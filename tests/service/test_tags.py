"""Tags of collections."""

import pytest
from botocore.exceptions import ClientError

from tests.world.account import ACCOUNT, REGION

ARN = f"arn:aws:rekognition:{REGION}:{ACCOUNT}:collection/staff"


@pytest.fixture
def tags(rekognition):
    rekognition.create_collection(CollectionId="staff", Tags={"team": "blue", "ü /": ""})
    return lambda: rekognition.list_tags_for_resource(ResourceArn=ARN)["Tags"]


def test_tags_given_at_creation_are_listed(tags):
    assert tags() == {"team": "blue", "ü /": ""}


def test_a_collection_without_tags_lists_none(rekognition):
    rekognition.create_collection(CollectionId="staff")
    assert rekognition.list_tags_for_resource(ResourceArn=ARN)["Tags"] == {}


def test_tags_are_added_changed_and_removed(rekognition, tags):
    rekognition.tag_resource(ResourceArn=ARN, Tags={"team": "red", "cost": "42"})
    assert tags() == {"team": "red", "ü /": "", "cost": "42"}
    rekognition.untag_resource(ResourceArn=ARN, TagKeys=["team", "ü /", "unheard of"])
    assert tags() == {"cost": "42"}


def test_the_arn_that_create_collection_returns_is_accepted_too(rekognition, tags):
    bare = ARN.removeprefix("arn:")
    rekognition.tag_resource(ResourceArn=bare, Tags={"cost": "42"})
    assert tags()["cost"] == "42"
    assert rekognition.list_tags_for_resource(ResourceArn=bare)["Tags"] == tags()


@pytest.mark.slow
@pytest.mark.parametrize(
    "arn",
    [
        ARN + "x",
        ARN.replace(ACCOUNT, "210987654321"),
        ARN.replace(REGION, "mars-north-1"),
        ARN.replace("collection", "project"),
        "x" * 20,
        "/" * 20,
        "arn:aws:rekognition:" + "é" * 20,
    ],
)
def test_an_unknown_resource_is_refused(rekognition, tags, arn):
    calls = [
        lambda: rekognition.list_tags_for_resource(ResourceArn=arn),
        lambda: rekognition.tag_resource(ResourceArn=arn, Tags={"a": "b"}),
        lambda: rekognition.untag_resource(ResourceArn=arn, TagKeys=["a"]),
    ]
    for call in calls:
        with pytest.raises(rekognition.exceptions.ResourceNotFoundException):
            call()


@pytest.mark.slow
def test_more_than_two_hundred_tags_are_refused(rekognition, tags):
    many = {f"key {number}": "" for number in range(198)}
    rekognition.tag_resource(ResourceArn=ARN, Tags=many)
    with pytest.raises(rekognition.exceptions.ServiceQuotaExceededException):
        rekognition.tag_resource(ResourceArn=ARN, Tags={"one": "more"})
    assert len(tags()) == 200


@pytest.mark.parametrize("bad", [{"aws:x": "y"}, {"": "y"}, {"k": "v" * 257}, {"k": "<"}])
def test_bad_tags_are_refused_and_no_collection_is_created(rekognition, bad):
    with pytest.raises(ClientError) as refused:
        rekognition.create_collection(CollectionId="staff", Tags=bad)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert rekognition.list_collections()["CollectionIds"] == []
