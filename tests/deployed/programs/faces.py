"""Describe the faces in a photo, and compare the people in two photos."""

# ruff: noqa: PTH123, T201


def detect_faces(client, bucket, photo):
    response = client.detect_faces(
        Image={"S3Object": {"Bucket": bucket, "Name": photo}}, Attributes=["ALL"]
    )
    print("Detected faces for " + photo)
    for detail in response["FaceDetails"]:
        # Not every service judges these attributes, so a program must work without them.
        if "AgeRange" in detail:
            print("Between " + str(detail["AgeRange"]["Low"]) + " and more years old")
        if detail.get("Emotions"):
            print("Emotion: " + detail["Emotions"][0]["Type"])
        if "Smile" in detail:
            print("Smiles: " + str(detail["Smile"]["Value"]))
    return len(response["FaceDetails"])


def compare_faces(client, source_file, target_file):
    with open(source_file, "rb") as source, open(target_file, "rb") as target:
        response = client.compare_faces(
            SimilarityThreshold=80,
            SourceImage={"Bytes": source.read()},
            TargetImage={"Bytes": target.read()},
        )
    for match in response["FaceMatches"]:
        position = match["Face"]["BoundingBox"]
        print(
            "The face at "
            + str(position["Left"])
            + " "
            + str(position["Top"])
            + " matches with "
            + str(match["Similarity"])
            + "% confidence"
        )
    return len(response["FaceMatches"]), len(response["UnmatchedFaces"])
