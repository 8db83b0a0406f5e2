"""Version 2 of the AWS SDK for JavaScript: javascript/session_v2.mjs and the replies it got."""

import pytest

from tests.deployed.javascript.node import run_node
from tools.checkout import PHOTOS


@pytest.fixture(scope="module")
def told(with_keys):
    return run_node(with_keys, "session_v2.mjs", PHOTOS, "javascript-v2", with_keys.api_url)


def test_a_callback_gets_the_reply_and_the_request_id(told):
    assert told["created"]["StatusCode"] == 200
    assert told["created"]["CollectionArn"].endswith(":collection/javascript-v2")
    assert told["created"]["requestId"]
    assert told["createdAtIsADate"]
    assert told["deleted"]["StatusCode"] == 200


def test_the_person_is_found_and_nobody_else(told):
    (match,) = told["found"]["FaceMatches"]
    assert match["Face"]["FaceId"] == told["indexed"]["obama"]
    assert match["Face"]["ExternalImageId"] == "obama"
    assert match["Similarity"] > 99
    assert (told["compared"]["FaceMatches"], len(told["compared"]["UnmatchedFaces"])) == ([], 1)


def test_the_pages_end_and_list_everything(told):
    assert told["listed"] == [[face_id] for face_id in sorted(told["indexed"].values())]


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("exists", "ResourceAlreadyExistsException"),
        ("missing", "ResourceNotFoundException"),
        ("noPicture", "InvalidImageFormatException"),
        ("invalid", "ValidationException"),
    ],
)
def test_an_error_has_its_code_and_is_not_retried(told, label, code):
    error = told["errors"][label]
    assert (error["code"], error["statusCode"], error["retryable"]) == (code, 400, False)
    assert error["message"]
    assert error["requestId"]
