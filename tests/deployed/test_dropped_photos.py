"""A photo dropped into the input bucket gets a result without any API call."""

import pytest

from tests.deployed.results import awaited


@pytest.fixture
def result_of(s3, deployment):
    """A function that drops a photo and waits for its result."""

    def drop(key, content):
        s3.put_object(Bucket=deployment.input_bucket, Key=key, Body=content)
        return awaited(s3, deployment, key)

    return drop


def test_a_photo_of_a_known_person_is_recognised(result_of, indexed, photo):
    key = f"search/{indexed}/at the door/ä 1+1.jpg"
    result = result_of(key, photo("obama2.jpg"))
    assert result["Outcome"] == "FacesSearched"
    assert result["Image"]["Name"] == key
    (face,) = result["Faces"]
    assert [match["Face"]["ExternalImageId"] for match in face["FaceMatches"]] == ["obama"]


def test_every_face_of_a_group_is_searched(result_of, indexed, photo):
    solvay = photo("solvay_conference_1927.jpg")
    result = result_of(f"search/{indexed}/solvay.jpg", solvay)
    assert len(result["Faces"]) > 20
    assert not any(face["FaceMatches"] for face in result["Faces"])


def test_a_photo_is_indexed_under_its_name(result_of, rekognition, collection, photo):
    result = result_of(f"index/{collection}/joe.jpg", photo("biden.jpg"))
    assert result["Outcome"] == "FacesIndexed"
    (face,) = rekognition.list_faces(CollectionId=collection)["Faces"]
    assert face["ExternalImageId"] == "joe"


def test_a_file_that_can_never_work_gets_a_result_that_says_so(result_of, indexed):
    result = result_of(f"search/{indexed}/notes.txt", b"no picture at all")
    assert result["Outcome"] == "ImageRejected"


def test_a_photo_for_an_unknown_collection_gets_a_result_that_says_so(result_of, photo):
    result = result_of("search/nobody/obama2.jpg", photo("obama2.jpg"))
    assert result["Outcome"] == "ImageRejected"
