"""Index an album from S3, say which faces were left out, and find a person in it again."""

# ruff: noqa: T201

from botocore.exceptions import ClientError


def ensure_collection(client, collection_id):
    try:
        response = client.create_collection(CollectionId=collection_id)
        print("Collection ARN: " + response["CollectionArn"])
        print("Status code: " + str(response["StatusCode"]))
    except client.exceptions.ResourceAlreadyExistsException:
        print("Using the existing collection " + collection_id)
    return client.describe_collection(CollectionId=collection_id)["CollectionARN"]


def add_faces_to_collection(client, bucket, photo, collection_id):
    response = client.index_faces(
        CollectionId=collection_id,
        Image={"S3Object": {"Bucket": bucket, "Name": photo}},
        ExternalImageId=photo.replace("/", ":"),
        MaxFaces=5,
        QualityFilter="AUTO",
        DetectionAttributes=["ALL"],
    )

    print("Results for " + photo)
    print("Faces indexed:")
    for record in response["FaceRecords"]:
        print("  Face ID: " + record["Face"]["FaceId"])
        print("  Location: {}".format(record["Face"]["BoundingBox"]))
        print("  Landmarks: {}".format(len(record["FaceDetail"]["Landmarks"])))

    print("Faces not indexed:")
    for unindexed in response["UnindexedFaces"]:
        print(" Location: {}".format(unindexed["FaceDetail"]["BoundingBox"]))
        for reason in unindexed["Reasons"]:
            print("   " + reason)
    return len(response["FaceRecords"]), len(response["UnindexedFaces"])


def list_faces_by_hand(client, collection_id, max_results=2):
    """The loop that programs used before there were paginators."""
    faces_count = 0
    tokens = True
    response = client.list_faces(CollectionId=collection_id, MaxResults=max_results)
    while tokens:
        faces_count += len(response["Faces"])
        if "NextToken" in response:
            response = client.list_faces(
                CollectionId=collection_id,
                NextToken=response["NextToken"],
                MaxResults=max_results,
            )
        else:
            tokens = False
    return faces_count


def best_match(client, collection_id, bucket, photo, threshold=90):
    """The album's name for the person in a photo; None when nobody in the album is that person."""
    try:
        response = client.search_faces_by_image(
            CollectionId=collection_id,
            Image={"S3Object": {"Bucket": bucket, "Name": photo}},
            FaceMatchThreshold=threshold,
            MaxFaces=2,
        )
    except client.exceptions.InvalidParameterException as error:
        if "no faces in the image" in error.response["Error"]["Message"]:
            return "no face"
        raise
    for match in response["FaceMatches"]:
        print("Similarity: " + "{:.2f}".format(match["Similarity"]) + "%")
    matches = response["FaceMatches"]
    return matches[0]["Face"]["ExternalImageId"] if matches else None


def delete_collection(client, collection_id):
    try:
        return client.delete_collection(CollectionId=collection_id)["StatusCode"]
    except ClientError as e:
        if e.response["Error"]["Code"] == "ResourceNotFoundException":
            print("The collection " + collection_id + " was not found ")
        else:
            print("Error other than Not Found occurred: " + e.response["Error"]["Message"])
        return e.response["ResponseMetadata"]["HTTPStatusCode"]
