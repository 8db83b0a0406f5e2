"""Every error that a specimen provokes, over HTTP. tests/test_specimens.py compares the specimens'
errors with the service model's."""

import json

import pytest
from botocore.exceptions import ClientError

from semblance.client import sign_for_api_gateway
from semblance.protocol import shapes
from tests.deployed.stage import Stage, call
from tools.specimens import SPECIMENS
from tools.specimens.specimen import Excused

ERRORS = [
    pytest.param(specimen, code, error, id=f"{specimen.operation}-{code}")
    for specimen in SPECIMENS.values()
    for code, error in specimen.errors.items()
    if not isinstance(error, Excused)
]


@pytest.fixture(scope="module")
def stage(deployment):
    return Stage.on(deployment)


@pytest.mark.parametrize(("specimen", "code", "error"), ERRORS)
def test_an_error_has_the_code_and_status_of_the_model(stage, specimen, code, error):
    with pytest.raises(getattr(stage.client.exceptions, code)) as caught:
        error.provoke(specimen, stage)
    assert caught.value.operation_name == specimen.operation
    reply = caught.value.response
    assert reply["Error"]["Code"] == code
    assert reply["Error"]["Message"]
    assert reply["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert reply["ResponseMetadata"]["HTTPHeaders"]["x-amzn-errortype"] == code
    assert reply["ResponseMetadata"]["RetryAttempts"] == 0


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


@pytest.mark.parametrize("operation", SPECIMENS)
def test_a_stranger_is_denied(stage, stranger, operation):
    """The status is the emulator's own here; the stack's response has a 400."""
    with pytest.raises(stranger.exceptions.AccessDeniedException, match="is not authorized"):
        call(stranger, operation, **SPECIMENS[operation].sound(stage))


@pytest.mark.parametrize("operation", SPECIMENS)
def test_a_constraint_that_boto3_does_not_check_is_a_validation_exception(stage, operation):
    """boto3 lets a value through that is too long; this error code is not in the model."""
    members = shapes.operation(operation).input_shape.members
    too_long = {
        name: "a" * (shape.metadata["max"] + 1)
        for name, shape in members.items()
        if shape.type_name == "string" and "max" in shape.metadata
    }
    # These first: for most operations one of them is the member to try.
    tried = {
        "CollectionId": "a" * 256, "MaxResults": 4097, "ResourceArn": "a" * 2049,
        "QualityFilter": "BEST", "Attributes": ["BEST"],
    } | too_long  # fmt: skip
    member, value = next((name, value) for name, value in tried.items() if name in members)
    request = {**SPECIMENS[operation].sound(stage), member: value}
    with pytest.raises(ClientError, match="1 validation error detected: ") as caught:
        stage.call(operation, **request)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert json.dumps(value).strip('"[]')[:200] in caught.value.response["Error"]["Message"]
