"""Programs of the kind that people write for Amazon Rekognition, run unchanged."""

import logging

import pytest
from botocore.exceptions import ClientError

from tests.deployed.programs import album, door, faces
from tests.world.fakes import plain_png
from tools.checkout import PHOTOS


@pytest.fixture(scope="module")
def bucket(deployment, s3, photo):
    """A bucket with an album in it, under keys that the stack does not take for dropped photos."""
    for name in ("obama.jpg", "biden.jpg", "solvay_conference_1927.jpg", "obama2.jpg", "gauss.png"):
        s3.put_object(Bucket=deployment.input_bucket, Key=f"album/{name}", Body=photo(name))
    return deployment.input_bucket


def test_an_album_is_indexed_listed_searched_and_deleted(rekognition, bucket):
    arn = album.ensure_collection(rekognition, "album")
    assert album.ensure_collection(rekognition, "album") == arn
    added = [
        album.add_faces_to_collection(rekognition, bucket, f"album/{name}", "album")
        for name in ("obama.jpg", "biden.jpg", "solvay_conference_1927.jpg")
    ]
    assert added[:2] == [(1, 0), (1, 0)]
    assert added[2][0] == 5
    assert added[2][1] > 15
    assert album.list_faces_by_hand(rekognition, "album") == 7
    found = album.best_match(rekognition, "album", bucket, "album/obama2.jpg")
    assert found == "album:obama.jpg"
    assert album.best_match(rekognition, "album", bucket, "album/gauss.png") is None
    assert album.delete_collection(rekognition, "album") == 200
    assert album.delete_collection(rekognition, "album") == 400


def test_a_door_recognises_its_residents(rekognition, collection, photo):
    front = door.Door(rekognition, collection)
    barack = front.enrol("barack", [photo("obama.jpg"), photo("obama2.jpg")])
    assert len(barack) == 2
    assert front.enrol("joe", [photo("biden.jpg")])
    assert front.enrol("joe", [photo("obama3.jpg")]) == []

    assert front.who_is_there(photo("obama3.jpg")) == "barack"
    assert front.who_is_there(photo("solvay_conference_1927.jpg")) == "a stranger"
    assert front.who_is_there(plain_png()) == "nobody"

    assert sorted(front.forget("barack")) == sorted(barack)
    assert front.status_of("barack") is None
    assert front.who_is_there(photo("obama2.jpg")) == "a stranger"


def test_a_client_error_is_logged_and_raised_again(rekognition, photo, caplog):
    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(ClientError, match="does not exist") as caught,
    ):
        door.Door(rekognition, "no-house").who_is_there(photo("obama.jpg"))
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert "Couldn't look" in caplog.text


def test_photos_are_described_and_compared(rekognition, bucket):
    assert faces.detect_faces(rekognition, bucket, "album/obama.jpg") == 1
    assert faces.detect_faces(rekognition, bucket, "album/solvay_conference_1927.jpg") > 20
    pair = PHOTOS / "obama.jpg", PHOTOS / "obama2.jpg"
    assert faces.compare_faces(rekognition, *pair) == (1, 0)
    assert faces.compare_faces(rekognition, PHOTOS / "biden.jpg", pair[0]) == (0, 1)
