"""The unmodified AWS SDK for JavaScript: javascript/session.mjs and the replies that it got."""

import pytest

from tests.deployed.javascript.node import run_node
from tools.checkout import PHOTOS


@pytest.fixture(scope="module")
def told(with_keys):
    return run_node(with_keys, "session.mjs", PHOTOS, "javascript")


def test_the_collection_is_made_described_and_deleted(told):
    assert told["created"]["StatusCode"] == 200
    assert told["created"]["CollectionArn"].endswith(":collection/javascript")
    assert told["described"]["CollectionARN"] == f"arn:{told['created']['CollectionArn']}"
    assert told["createdAtIsADate"]
    assert told["deleted"]["StatusCode"] == 200


def test_the_person_is_found_and_nobody_else(told):
    assert [m["Face"]["FaceId"] for m in told["found"]["FaceMatches"]] == [told["indexed"]["obama"]]
    assert told["found"]["FaceMatches"][0]["Similarity"] > 99
    assert told["alike"]["FaceMatches"] == []


def test_the_paginators_end_and_list_everything(told):
    assert told["listed"] == [[face_id] for face_id in sorted(told["indexed"].values())]
    assert {user["UserId"]: user["UserStatus"] for user in told["users"]} == {
        "barack": "ACTIVE",
        "joe": "CREATED",
    }
    assert len(told["users"]) == 2


def test_the_user_is_found_by_another_photo(told):
    assert told["associated"]["AssociatedFaces"] == [{"FaceId": told["indexed"]["obama"]}]
    assert [m["User"]["UserId"] for m in told["foundUsers"]["UserMatches"]] == ["barack"]


def test_a_face_of_a_user_is_not_deleted(told):
    (kept,) = told["kept"]["UnsuccessfulFaceDeletions"]
    assert kept["UserId"] == "barack"
    assert kept["Reasons"] == ["ASSOCIATED_TO_AN_EXISTING_USER"]


def test_tags_in_any_script_come_back(told):
    assert told["tags"]["Tags"] == {"team": "door", "floor": "Größe 1"}


def test_pictures_are_judged_without_a_collection(told):
    assert len(told["detected"]["FaceDetails"]) == 1
    assert told["compared"]["FaceMatches"] == []
    assert len(told["compared"]["UnmatchedFaces"]) == 1


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("exists", "ResourceAlreadyExistsException"),
        ("missing", "ResourceNotFoundException"),
        ("userExists", "ConflictException"),
        ("noPicture", "InvalidImageFormatException"),
        ("unknownFace", "InvalidParameterException"),
        ("invalid", "ValidationException"),
    ],
)
def test_an_error_is_an_instance_of_its_class(told, label, name):
    error = told["errors"][label]
    assert error["name"] == name
    assert error["isOfItsClass"]
    assert error["isOfTheService"]
    assert error["message"]
    assert error["requestId"]
    assert (error["fault"], error["status"]) == ("client", 400)
