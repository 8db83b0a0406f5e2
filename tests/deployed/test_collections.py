"""boto3's own client against the deployed stack: collections and faces, over HTTP."""

import pytest


def test_a_collection_is_created_described_listed_and_deleted(rekognition):
    created = rekognition.create_collection(CollectionId="staff")
    assert created["StatusCode"] == 200
    assert created["CollectionArn"] == "aws:rekognition:us-east-1:000000000000:collection/staff"

    described = rekognition.describe_collection(CollectionId="staff")
    assert described["FaceCount"] == 0
    assert described["CollectionARN"] == f"arn:{created['CollectionArn']}"
    assert "staff" in rekognition.list_collections()["CollectionIds"]

    with pytest.raises(rekognition.exceptions.ResourceAlreadyExistsException):
        rekognition.create_collection(CollectionId="staff")
    assert rekognition.delete_collection(CollectionId="staff")["StatusCode"] == 200
    with pytest.raises(rekognition.exceptions.ResourceNotFoundException):
        rekognition.describe_collection(CollectionId="staff")


def test_faces_are_indexed_and_listed(rekognition, indexed):
    faces = rekognition.list_faces(CollectionId=indexed)["Faces"]
    assert {face["ExternalImageId"] for face in faces} == {"obama", "biden"}
    assert rekognition.describe_collection(CollectionId=indexed)["FaceCount"] == 2


@pytest.mark.parametrize("name", ["obama2.jpg", "obama3.jpg", "obama_partial_face.jpg"])
def test_search_by_image_finds_the_person_and_nobody_else(rekognition, indexed, photo, name):
    reply = rekognition.search_faces_by_image(CollectionId=indexed, Image={"Bytes": photo(name)})
    assert [match["Face"]["ExternalImageId"] for match in reply["FaceMatches"]] == ["obama"]
    assert reply["FaceMatches"][0]["Similarity"] > 99


def test_search_by_image_finds_no_match_for_a_stranger(rekognition, indexed, photo):
    solvay = photo("solvay_conference_1927.jpg")
    reply = rekognition.search_faces_by_image(CollectionId=indexed, Image={"Bytes": solvay})
    assert reply["FaceMatches"] == []
    assert reply["SearchedFaceConfidence"] > 99


def test_search_by_face_leaves_out_the_face_itself(rekognition, indexed, photo):
    again = rekognition.index_faces(
        CollectionId=indexed, Image={"Bytes": photo("obama2.jpg")}, ExternalImageId="obama-again"
    )
    face_id = again["FaceRecords"][0]["Face"]["FaceId"]
    reply = rekognition.search_faces(CollectionId=indexed, FaceId=face_id)
    assert [match["Face"]["ExternalImageId"] for match in reply["FaceMatches"]] == ["obama"]


def test_a_deleted_face_is_no_longer_found(rekognition, indexed, photo):
    faces = rekognition.list_faces(CollectionId=indexed)["Faces"]
    obama = [face["FaceId"] for face in faces if face["ExternalImageId"] == "obama"]
    deleted = rekognition.delete_faces(CollectionId=indexed, FaceIds=obama)
    assert deleted["DeletedFaces"] == obama

    image = {"Bytes": photo("obama2.jpg")}
    assert rekognition.search_faces_by_image(CollectionId=indexed, Image=image)["FaceMatches"] == []
    assert len(rekognition.list_faces(CollectionId=indexed)["Faces"]) == 1
