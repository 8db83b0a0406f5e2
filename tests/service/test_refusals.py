"""Bad requests: AWS's shapes, AWS's codes, and nothing stored."""

import pytest

from semblance.operations.table import OPERATIONS
from semblance.protocol import shapes
from tests.world.account import INPUT_BUCKET
from tests.world.fakes import picture
from tests.world.service import call

PREFIX = "RekognitionService."
PHOTO = {"Bytes": "RkFLRQ=="}


def refusal(service, target, body):
    status, reply = call(service, target, body)
    assert status == 400
    return reply["__type"], reply.get("message", reply.get("Message"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "target", [None, "", "SearchFaces", "RekognitionService", PREFIX, PREFIX + "Nonsense",
               "DynamoDB_20120810.GetItem"],
)  # fmt: skip
def test_an_unknown_target_is_refused(service, target):
    assert refusal(service, target, {})[0] == "UnknownOperationException"


def test_an_unsupported_operation_of_rekognition_is_named(service):
    code, message = refusal(service, PREFIX + "DetectLabels", {})
    assert code == "UnknownOperationException"
    assert message.startswith("DetectLabels is not supported")
    assert "SearchFacesByImage" in message


@pytest.mark.parametrize(
    "body",
    ["{", "[1]", "null", '"text"', "1e999", "{'a': 1}", "[" * 100_000, '{"CollectionId": NaN}',
     '{"CollectionId": 5}', '{"CollectionId": ["a"]}', '{"CollectionId": {}}',
     '{"CollectionId": "\\ud800"}', '{"CollectionId": true}'],
)  # fmt: skip
def test_a_body_that_is_not_valid_json_of_the_operation_is_refused(service, body):
    assert refusal(service, PREFIX + "CreateCollection", body)[0] == "SerializationException"


@pytest.mark.parametrize(
    ("member", "value"),
    [("MaxFaces", "5"), ("MaxFaces", 2**31), ("MaxFaces", 1.5), ("FaceMatchThreshold", "80"),
     ("FaceMatchThreshold", 10**400), ("FaceMatchThreshold", False), ("QualityFilter", 1),
     ("Image", "RkFLRQ=="), ("Image", {"Bytes": 7})],
)  # fmt: skip
def test_a_member_of_the_wrong_type_is_refused(service, member, value):
    request = {"CollectionId": "staff", "Image": PHOTO, member: value}
    assert refusal(service, PREFIX + "SearchFacesByImage", request)[0] == "SerializationException"


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_the_refusal_of_an_empty_body_names_every_required_member(service, name):
    required = shapes.operation(name).input_shape.required_members
    status, reply = call(service, PREFIX + name, "")
    if not required:
        assert status == 200
        return
    assert (status, reply["__type"]) == (400, "ValidationException")
    assert "Code" not in reply
    for member in required:
        assert f"at '{member[0].lower()}{member[1:]}' failed to satisfy" in reply["message"]
        assert "Member must not be null" in reply["message"]


def test_one_message_lists_all_breaches(service):
    code, message = refusal(
        service,
        PREFIX + "SearchFacesByImage",
        {"Image": {"Bytes": ""}, "MaxFaces": 5000, "FaceMatchThreshold": -1, "QualityFilter": "X"},
    )
    assert code == "ValidationException"
    assert message.startswith("5 validation errors detected: ")
    for part in (
        "Value null at 'collectionId' failed to satisfy constraint: Member must not be null",
        "Value 'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at 'image.bytes' failed to satisfy "
        "constraint: Member must have length greater than or equal to 1",
        "Value '5000' at 'maxFaces' failed to satisfy constraint: "
        "Member must have value less than or equal to 4096",
        "Value '-1.0' at 'faceMatchThreshold' failed to satisfy constraint: "
        "Member must have value greater than or equal to 0",
        "Value 'X' at 'qualityFilter' failed to satisfy constraint: "
        "Member must satisfy enum value set: [NONE, AUTO, LOW, MEDIUM, HIGH]",
    ):
        assert part in message


def test_a_list_member_is_named_by_its_place(service):
    code, message = refusal(
        service, PREFIX + "DeleteFaces", {"CollectionId": "staff", "FaceIds": ["x"]}
    )
    assert code == "ValidationException"
    assert "Value 'x' at 'faceIds.1.member' failed to satisfy constraint: " in message


@pytest.mark.slow
def test_five_megabytes_inline_are_a_breach_of_the_model_not_too_large_an_image(rekognition):
    with pytest.raises(rekognition.exceptions.ClientError) as refused:
        rekognition.search_faces_by_image(
            CollectionId="staff", Image={"Bytes": bytes(5 * 2**20 + 1)}
        )
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert "lim=5242881 cap=5242881" in error["Message"]
    assert "Member must have length less than or equal to 5242880" in error["Message"]


def test_a_hostile_request_gets_a_short_reply(service):
    request = {"CollectionId": "!" * 1_000_000, "FaceIds": ["x"] * 100_000}
    _, message = refusal(service, PREFIX + "DeleteFaces", request)
    assert message.startswith("4099 validation errors detected: ")
    assert len(message) < 50_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "request_", "count"),
    [
        ("DisassociateFaces", {"FaceIds": [""] * 100_000, "UserId": "ann"}, 101),
        ("TagResource", {"Tags": dict.fromkeys(map(str, range(50_000)), "ä!")}, 201),
        ("IndexFaces", {"DetectionAttributes": [""] * 100_000, "Image": {}}, 10_000),
    ],
)
def test_the_search_for_breaches_is_bounded(service, operation, request_, count):
    """Two million breaches fit into a request, and listing them once took 16 seconds and 800 MB."""
    about = {"CollectionId": "staff", "ResourceArn": "a" * 20}
    code, message = refusal(service, PREFIX + operation, request_ | about)
    assert code == "ValidationException"
    assert message.startswith(f"{count} validation errors detected: ")


def test_unknown_members_and_nulls_are_ignored(service):
    request = {"CollectionId": "staff", "Tags": None, "Unheard": {"of": 1}}
    assert call(service, PREFIX + "CreateCollection", request)[0] == 200


@pytest.fixture
def staff(rekognition):
    rekognition.create_collection(CollectionId="staff")
    yield rekognition
    assert rekognition.list_faces(CollectionId="staff")["Faces"] == []
    assert rekognition.describe_collection(CollectionId="staff")["FaceCount"] == 0


def test_bytes_that_are_not_base64_are_refused(staff, service):
    request = {"CollectionId": "staff", "Image": {"Bytes": "not base64!"}}
    assert refusal(service, PREFIX + "IndexFaces", request) == (
        "InvalidImageFormatException", "Invalid image encoding",
    )  # fmt: skip


def test_bytes_that_are_no_picture_are_refused(staff):
    with pytest.raises(
        staff.exceptions.InvalidImageFormatException, match="Request has invalid image format"
    ):
        staff.index_faces(CollectionId="staff", Image={"Bytes": b"text"})


@pytest.mark.slow
@pytest.mark.parametrize("both", [False, True])
def test_an_image_must_have_either_bytes_or_an_s3_object(staff, both):
    place = {"S3Object": {"Bucket": INPUT_BUCKET, "Name": "x"}, "Bytes": picture("ann")}
    with pytest.raises(
        staff.exceptions.InvalidParameterException,
        match="Requested image should either contain bytes or s3 object",
    ):
        staff.index_faces(CollectionId="staff", Image=place if both else {})


@pytest.mark.slow
@pytest.mark.parametrize(
    "place",
    [
        {},
        {"Bucket": INPUT_BUCKET},
        {"Name": "photo"},
        {"Bucket": INPUT_BUCKET, "Name": "missing"},
        {"Bucket": INPUT_BUCKET, "Name": "photo", "Version": "no such version"},
        {"Bucket": "unlisted-bucket", "Name": "photo"},
        {"Bucket": "no-such-bucket", "Name": "photo"},
    ],
)
def test_an_s3_object_that_cannot_be_read_is_refused(staff, s3, place):
    for bucket in (INPUT_BUCKET, "unlisted-bucket"):
        s3.put_object(Bucket=bucket, Key="photo", Body=picture("ann"))
    with pytest.raises(staff.exceptions.InvalidS3ObjectException):
        staff.index_faces(CollectionId="staff", Image={"S3Object": place})


@pytest.mark.slow
def test_an_s3_object_of_more_than_fifteen_megabytes_is_refused(staff, s3):
    s3.put_object(Bucket=INPUT_BUCKET, Key="huge", Body=bytes(15 * 2**20 + 1))
    with pytest.raises(staff.exceptions.ImageTooLargeException, match="15728641 bytes"):
        staff.index_faces(
            CollectionId="staff", Image={"S3Object": {"Bucket": INPUT_BUCKET, "Name": "huge"}}
        )


def test_an_unexpected_fault_is_answered_without_its_details(service, table):
    table.delete()
    status, reply = call(service, PREFIX + "ListCollections", {})
    assert (status, reply) == (
        500,
        {
            "__type": "InternalServerError",
            "Code": "InternalServerError",
            "Message": "Internal server error",
        },
    )
