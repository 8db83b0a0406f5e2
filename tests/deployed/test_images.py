"""Where a picture may come from, and how large it may be."""

import pytest
from botocore.exceptions import ClientError


def search(rekognition, collection, image):
    return rekognition.search_faces_by_image(CollectionId=collection, Image=image)


def test_s3_object_of_the_input_bucket(rekognition, s3, deployment, indexed, photo):
    place = {"Bucket": deployment.input_bucket, "Name": "portraits/obama2.jpg"}
    s3.put_object(Bucket=place["Bucket"], Key=place["Name"], Body=photo("obama2.jpg"))
    matches = search(rekognition, indexed, {"S3Object": place})["FaceMatches"]
    assert [match["Face"]["ExternalImageId"] for match in matches] == ["obama"]


def test_s3_object_of_a_bucket_that_is_not_listed_is_refused(rekognition, s3, collection, photo):
    s3.create_bucket(Bucket="somebody-elses-photos")
    s3.put_object(Bucket="somebody-elses-photos", Key="obama2.jpg", Body=photo("obama2.jpg"))
    place = {"Bucket": "somebody-elses-photos", "Name": "obama2.jpg"}
    with pytest.raises(rekognition.exceptions.InvalidS3ObjectException):
        search(rekognition, collection, {"S3Object": place})


def test_s3_object_that_does_not_exist_is_refused(rekognition, deployment, collection):
    place = {"Bucket": deployment.input_bucket, "Name": "portraits/nobody.jpg"}
    with pytest.raises(rekognition.exceptions.InvalidS3ObjectException):
        search(rekognition, collection, {"S3Object": place})


def test_inline_bytes_of_four_megabytes_are_accepted(rekognition, indexed, photo):
    """Four megabytes are 5.3 in base64, which fits into Lambda's limit of 6. The decoder does not
    read bytes after the end of a JPEG."""
    padded = photo("obama2.jpg").ljust(4_000_000, b"\0")
    assert len(search(rekognition, indexed, {"Bytes": padded})["FaceMatches"]) == 1


def test_bytes_beyond_rekognitions_limit_get_rekognitions_refusal(rekognition, collection):
    """The emulator has neither the gateway's limit of 10 MB nor Lambda's of 6, so here the function
    refuses."""
    with pytest.raises(ClientError, match="less than or equal to 5242880") as caught:
        search(rekognition, collection, {"Bytes": bytes(5_242_881)})
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_file_that_is_no_picture_is_refused(rekognition, collection):
    with pytest.raises(rekognition.exceptions.InvalidImageFormatException):
        search(rekognition, collection, {"Bytes": b"GIF89a, or so it says"})
