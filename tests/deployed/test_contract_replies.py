"""Every operation with every member of its request, over HTTP; each reply fits the model."""

import pytest

from semblance.operations.table import OPERATIONS
from semblance.protocol import shapes
from tests.deployed.stage import Stage, inline


@pytest.fixture(scope="module", params=["deployment", "with_keys"])
def stage(request):
    return Stage.on(request.getfixturevalue(request.param))


def names(matches):
    return [match["Face"]["ExternalImageId"] for match in matches]


REQUESTS = [
    (
        "CreateCollection",
        lambda s: {"CollectionId": f"{s.collection}-tagged", "Tags": {"team": "door"}},
        lambda s, reply: s.call(
            "ListTagsForResource", ResourceArn=f"arn:{reply['CollectionArn']}"
        )["Tags"] == {"team": "door"},
    ),
    (
        "DescribeCollection",
        lambda s: s.here,
        lambda s, reply: (reply["FaceCount"], reply["UserCount"]) == (2, 2),
    ),
    (
        "ListCollections",
        lambda s: {"MaxResults": 1},
        lambda s, reply: len(reply["CollectionIds"]) == 1,
    ),
    (
        "ListCollections",
        lambda s: {
            "MaxResults": 4096,
            "NextToken": s.call("ListCollections", MaxResults=1)["NextToken"],
        },
        lambda s, reply: len(reply["CollectionIds"]) == len(reply["FaceModelVersions"]) > 0,
    ),
    ("DeleteCollection", lambda s: s.elsewhere(), lambda s, reply: reply["StatusCode"] == 200),
    (
        "IndexFaces",
        lambda s: s.elsewhere() | {
            "Image": s.stored("solvay.jpg"), "ExternalImageId": "solvay:1927", "MaxFaces": 3,
            "DetectionAttributes": ["ALL"], "QualityFilter": "NONE",
        },
        lambda s, reply: len(reply["FaceRecords"]) == 3 and len(reply["UnindexedFaces"]) > 20,
    ),
    (
        "ListFaces",
        lambda s: s.here | {"MaxResults": 1},
        lambda s, reply: [face["FaceId"] for face in reply["Faces"]] == [min(s.obama, s.biden)],
    ),
    (
        "ListFaces",
        lambda s: s.here | {
            "MaxResults": 1, "NextToken": s.call("ListFaces", **s.here, MaxResults=1)["NextToken"],
        },
        lambda s, reply: [face["FaceId"] for face in reply["Faces"]] == [max(s.obama, s.biden)],
    ),
    (
        "ListFaces",
        lambda s: s.barack | {"FaceIds": [s.obama, s.biden]},
        lambda s, reply: [face["UserId"] for face in reply["Faces"]] == ["barack"],
    ),
    (
        "DeleteFaces",
        lambda s: s.here | {"FaceIds": [s.obama]},
        lambda s, reply: reply["UnsuccessfulFaceDeletions"] == [{
            "FaceId": s.obama, "UserId": "barack", "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"],
        }],
    ),
    (
        "SearchFaces",
        lambda s: s.here | {"FaceId": s.obama, "MaxFaces": 4096, "FaceMatchThreshold": 0},
        lambda s, reply: names(reply["FaceMatches"]) == ["biden"],
    ),
    (
        "SearchFacesByImage",
        lambda s: s.here | {
            "Image": inline("obama2.jpg"), "MaxFaces": 1, "FaceMatchThreshold": 99,
            "QualityFilter": "HIGH",
        },
        lambda s, reply: names(reply["FaceMatches"]) == ["obama"],
    ),
    (
        "DetectFaces",
        lambda s: {"Image": inline("obama.jpg"), "Attributes": ["ALL"]},
        lambda s, reply: len(reply["FaceDetails"]) == 1,
    ),
    (
        "CompareFaces",
        lambda s: {
            "SourceImage": inline("obama.jpg"), "TargetImage": s.stored("obama2.jpg"),
            "SimilarityThreshold": 99, "QualityFilter": "AUTO",
        },
        lambda s, reply: (len(reply["FaceMatches"]), len(reply["UnmatchedFaces"])) == (1, 0),
    ),
    (
        "CreateUser",
        lambda s: s.here | {"UserId": "new:user", "ClientRequestToken": "create-new-user"},
        lambda s, reply: "new:user" in str(s.call("ListUsers", **s.here)["Users"]),
    ),
    (
        "DeleteUser",
        lambda s: s.new_user() | {"ClientRequestToken": "delete-somebody"},
        lambda s, reply: True,
    ),
    (
        "ListUsers",
        lambda s: s.here | {"MaxResults": 500},
        lambda s, reply: {"UserId": "barack", "UserStatus": "ACTIVE"} in reply["Users"],
    ),
    (
        "ListUsers",
        lambda s: s.here | {
            "NextToken": s.call("ListUsers", **s.here, MaxResults=1)["NextToken"],
        },
        lambda s, reply: "zoe" in {user["UserId"] for user in reply["Users"]},
    ),
    (
        "AssociateFaces",
        lambda s: s.barack | {
            "FaceIds": [s.biden], "UserMatchThreshold": 75, "ClientRequestToken": "not-barack",
        },
        lambda s, reply: reply["UserStatus"] == "ACTIVE"
        and reply["UnsuccessfulFaceAssociations"][0]["Reasons"] == ["LOW_MATCH_CONFIDENCE"],
    ),
    (
        "DisassociateFaces",
        lambda s: s.new_user() | {"FaceIds": [s.biden], "ClientRequestToken": "none-there"},
        lambda s, reply: reply["UnsuccessfulFaceDisassociations"]
        == [{"FaceId": s.biden, "Reasons": ["FACE_NOT_FOUND"]}],
    ),
    (
        "SearchUsers",
        lambda s: s.here | {"FaceId": s.obama, "UserMatchThreshold": 80, "MaxUsers": 500},
        lambda s, reply: reply["UserMatches"][0]["User"]["UserId"] == "barack",
    ),
    (
        "SearchUsers",
        lambda s: s.barack | {"MaxUsers": 1},
        lambda s, reply: reply["UserMatches"] == []
        and reply["SearchedUser"] == {"UserId": "barack"},
    ),
    (
        "SearchUsersByImage",
        lambda s: s.here | {
            "Image": inline("obama3.jpg"), "UserMatchThreshold": 95, "MaxUsers": 1,
            "QualityFilter": "LOW",
        },
        lambda s, reply: reply["UserMatches"][0]["User"]["UserId"] == "barack",
    ),
    (
        "TagResource",
        lambda s: {"ResourceArn": s.arn, "Tags": {"Größe": "1 m", "empty": ""}},
        lambda s, reply: s.call("ListTagsForResource", ResourceArn=s.arn)["Tags"]["empty"] == "",
    ),
    (
        "UntagResource",
        lambda s: {"ResourceArn": s.arn.removeprefix("arn:"), "TagKeys": ["no-such-tag"]},
        lambda s, reply: True,
    ),
    ("ListTagsForResource", lambda s: {"ResourceArn": s.arn}, lambda s, reply: True),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "request_of", "is_right"), REQUESTS)
def test_a_request_is_answered(stage, operation, request_of, is_right):
    reply = stage.call(operation, **request_of(stage))
    assert is_right(stage, reply), reply


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_member_of_a_request_is_used(stage, operation):
    used = {
        member
        for name, request_of, _ in REQUESTS
        if name == operation
        for member in request_of(stage)
    }
    assert used == set(shapes.operation(operation).input_shape.members)


def test_every_operation_is_in_this_table():
    assert {operation for operation, *_ in REQUESTS} == set(OPERATIONS)
