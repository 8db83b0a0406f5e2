"""Every error in the service model, for each operation: a test provokes it, or a reason here says
why no caller can."""

import json

import pytest
from botocore.exceptions import ClientError

from semblance.client import sign_for_api_gateway
from semblance.operations.table import OPERATIONS
from semblance.protocol import shapes
from tests.deployed.stage import NOBODY, Stage, call, inline

NOWHERE = {"CollectionId": "nowhere"}
NO_ARN = "arn:aws:rekognition:us-east-1:000000000000:collection/nowhere"
REQUESTS = {
    "AssociateFaces": lambda s: s.barack | {"FaceIds": [s.biden]},
    "CompareFaces": lambda s: dict.fromkeys(["SourceImage", "TargetImage"], inline("biden.jpg")),
    "CreateCollection": lambda s: {"CollectionId": "contract"},
    "CreateUser": lambda s: s.here | {"UserId": "new"},
    "DeleteCollection": lambda s: s.here,
    "DeleteFaces": lambda s: s.here | {"FaceIds": [NOBODY]},
    "DeleteUser": lambda s: s.barack,
    "DescribeCollection": lambda s: s.here,
    "DetectFaces": lambda s: {"Image": inline("obama.jpg")},
    "DisassociateFaces": lambda s: s.barack | {"FaceIds": [s.biden]},
    "IndexFaces": lambda s: s.here | {"Image": inline("obama.jpg")},
    "ListCollections": lambda s: {},
    "ListFaces": lambda s: s.here,
    "ListTagsForResource": lambda s: {"ResourceArn": s.arn},
    "ListUsers": lambda s: s.here,
    "SearchFaces": lambda s: s.here | {"FaceId": s.obama},
    "SearchFacesByImage": lambda s: s.here | {"Image": inline("obama.jpg")},
    "SearchUsers": lambda s: s.barack,
    "SearchUsersByImage": lambda s: s.here | {"Image": inline("obama.jpg")},
    "TagResource": lambda s: {"ResourceArn": s.arn, "Tags": {"team": "door"}},
    "UntagResource": lambda s: {"ResourceArn": s.arn, "TagKeys": ["team"]},
}  # fmt: skip
"""Valid requests; each test changes one of them to provoke an error."""

IN_A_COLLECTION = [
    "AssociateFaces", "CreateUser", "DeleteCollection", "DeleteFaces", "DeleteUser",
    "DescribeCollection", "DisassociateFaces", "IndexFaces", "ListFaces", "ListUsers",
    "SearchFaces", "SearchFacesByImage", "SearchUsers", "SearchUsersByImage",
]  # fmt: skip
OF_A_RESOURCE = ["ListTagsForResource", "TagResource", "UntagResource"]
OF_AN_IMAGE = {
    "CompareFaces": "TargetImage", "DetectFaces": "Image", "IndexFaces": "Image",
    "SearchFacesByImage": "Image", "SearchUsersByImage": "Image",
}  # fmt: skip
OF_A_LISTING = ["ListCollections", "ListFaces", "ListUsers"]
WITH_A_TOKEN = ["AssociateFaces", "CreateUser", "DeleteUser", "DisassociateFaces"]


def changed(operation, change):
    """A call of the operation with its valid request, changed by `change`."""
    return lambda s: s.call(operation, **(REQUESTS[operation](s) | change(s)))


def with_the_token_of_another(operation):
    def provoke(s):
        token = {"ClientRequestToken": "of-another"}
        user = s.elsewhere()
        s.call("CreateUser", **user, UserId="first", **token)
        s.call(operation, **(REQUESTS[operation](s) | user | {"UserId": "first"} | token))

    def provoke_twice(s):
        user = s.elsewhere() | {"ClientRequestToken": "of-another"}
        s.call("CreateUser", **user, UserId="first")
        s.call("CreateUser", **user, UserId="second")

    return provoke_twice if operation == "CreateUser" else provoke


def more_faces_than_a_user_may_have(s):
    user = s.new_user()
    here = {"CollectionId": user["CollectionId"]}
    face_ids = []
    while len(face_ids) <= 100:
        records = s.call(
            "IndexFaces", **here, Image=s.stored("solvay.jpg"), QualityFilter="NONE",
            ExternalImageId=f"solvay-{len(face_ids)}",
        )["FaceRecords"]  # fmt: skip
        face_ids += [record["Face"]["FaceId"] for record in records]
    reply = s.call("AssociateFaces", **user, FaceIds=face_ids[:100], UserMatchThreshold=0)
    assert len(reply["AssociatedFaces"]) == 100
    s.call("AssociateFaces", **user, FaceIds=face_ids[100:101], UserMatchThreshold=0)


def more_tags_than_there_may_be(s):
    for half in range(2):
        tags = {f"{half}-{number}": "" for number in range(150)}
        s.call("TagResource", ResourceArn=s.arn, Tags=tags)


PROVOKED = {
    "ResourceNotFoundException": {
        **{name: changed(name, lambda s: NOWHERE) for name in IN_A_COLLECTION},
        **{name: changed(name, lambda s: {"ResourceArn": NO_ARN}) for name in OF_A_RESOURCE},
    },
    "InvalidPaginationTokenException": {
        name: changed(name, lambda s: {"NextToken": "made-up"}) for name in OF_A_LISTING
    },
    "InvalidImageFormatException": {
        name: changed(name, lambda s, image=image: {image: s.stored("text")})
        for name, image in OF_AN_IMAGE.items()
    },
    "InvalidS3ObjectException": {
        name: changed(name, lambda s, image=image: {image: s.stored("no such object")})
        for name, image in OF_AN_IMAGE.items()
    },
    "ImageTooLargeException": {
        name: changed(name, lambda s, image=image: {image: s.stored("huge")})
        for name, image in OF_AN_IMAGE.items()
    },
    "InvalidParameterException": {
        **{
            name: changed(name, lambda s, image=image: {image: {}})
            for name, image in OF_AN_IMAGE.items()
        },
        "SearchFaces": changed("SearchFaces", lambda s: {"FaceId": NOBODY}),
        "SearchUsers": changed("SearchUsers", lambda s: {"FaceId": s.obama}),
    },
    "ResourceAlreadyExistsException": {
        "CreateCollection": changed("CreateCollection", lambda s: s.here)
    },
    "ConflictException": {"CreateUser": changed("CreateUser", lambda s: s.barack)},
    "IdempotentParameterMismatchException": {
        name: with_the_token_of_another(name) for name in WITH_A_TOKEN
    },
    "ServiceQuotaExceededException": {
        "AssociateFaces": more_faces_than_a_user_may_have,
        "TagResource": more_tags_than_there_may_be,
    },
}  # fmt: skip
ROWS = [
    pytest.param(operation, code, provoke, id=f"{operation}-{code}")
    for code, rows in PROVOKED.items()
    for operation, provoke in rows.items()
]

_BY_MODEL = "its members are checked against the model, and a bad one is a ValidationException"
_RACE = "occurs when other calls change the same user at the same moment, six times in a row"
_COUNTLESS = "needs more than a test can make: the limit is in the millions, or the account's"
EXCUSED = {
    "AccessDeniedException": dict.fromkeys(OPERATIONS, "the gateway's reply, see the test below"),
    "InternalServerError": dict.fromkeys(OPERATIONS, "a bug or an outage, not a request"),
    "ThrottlingException": dict.fromkeys(OPERATIONS, "when DynamoDB is busy"),
    "ProvisionedThroughputExceededException": dict.fromkeys(OPERATIONS, "when AWS is busy"),
    "InvalidParameterException": dict.fromkeys(
        [
            "AssociateFaces", "CreateCollection", "CreateUser", "DeleteCollection", "DeleteFaces",
            "DeleteUser", "DescribeCollection", "DisassociateFaces", "ListCollections",
            "ListFaces", "ListTagsForResource", "ListUsers", "TagResource", "UntagResource",
        ],
        _BY_MODEL,
    ),
    "ResourceNotFoundException": {"ListCollections": "it names no resource that could be missing"},
    "ConflictException": dict.fromkeys(
        ["AssociateFaces", "DeleteUser", "DisassociateFaces"], _RACE
    ),
    "ServiceQuotaExceededException": dict.fromkeys(
        ["CreateCollection", "CreateUser", "IndexFaces"], _COUNTLESS
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def stage(deployment):
    return Stage.on(deployment)


@pytest.mark.parametrize(("operation", "code", "provoke"), ROWS)
def test_an_error_has_the_code_and_status_of_the_model(stage, operation, code, provoke):
    with pytest.raises(getattr(stage.client.exceptions, code)) as caught:
        provoke(stage)
    assert caught.value.operation_name == operation
    reply = caught.value.response
    assert reply["Error"]["Code"] == code
    assert reply["Error"]["Message"]
    assert reply["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert reply["ResponseMetadata"]["HTTPHeaders"]["x-amzn-errortype"] == code
    assert reply["ResponseMetadata"]["RetryAttempts"] == 0


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_error_of_the_model_is_provoked_or_excused(operation):
    listed = {error.name for error in shapes.operation(operation).error_shapes}
    provoked = {code for code, rows in PROVOKED.items() if operation in rows}
    excused = {code for code, rows in EXCUSED.items() if operation in rows}
    assert provoked | excused == listed
    assert not provoked & excused


@pytest.fixture(scope="module")
def stranger(deployment):
    """A user without any permission."""
    iam = deployment.client("iam")
    iam.create_user(UserName="contract-stranger")
    key = iam.create_access_key(UserName="contract-stranger")["AccessKey"]
    return sign_for_api_gateway(
        deployment.client(
            "rekognition",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_stranger_is_denied(stage, stranger, operation):
    """The status is the emulator's own here; the stack's response has a 400."""
    with pytest.raises(stranger.exceptions.AccessDeniedException, match="is not authorized"):
        call(stranger, operation, REQUESTS[operation](stage))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_constraint_that_boto3_does_not_check_is_a_validation_exception(stage, operation):
    """boto3 lets a value through that is too long; this error code is not in the model."""
    members = shapes.operation(operation).input_shape.members
    tried = {
        "CollectionId": "a" * 256, "MaxResults": 4097, "ResourceArn": "a" * 2049,
        "QualityFilter": "BEST", "Attributes": ["BEST"],
    }  # fmt: skip
    member, value = next((name, value) for name, value in tried.items() if name in members)
    request = {**REQUESTS[operation](stage), member: value}
    with pytest.raises(ClientError, match="1 validation error detected: ") as caught:
        stage.call(operation, **request)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert json.dumps(value).strip('"[]')[:200] in caught.value.response["Error"]["Message"]
