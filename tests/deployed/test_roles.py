"""The functions work with their roles' credentials: an action that a role lacks fails here."""

import json
import uuid

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from semblance.client import sign_for_api_gateway
from tests.world.inbox import message


@pytest.fixture
def denied(deployment):
    """A function that denies a Lambda function an action until the test is over."""
    iam, taken = deployment.client("iam"), []

    def deny(function, action):
        configuration = deployment.client("lambda").get_function_configuration(
            FunctionName=deployment.outputs[function]
        )
        role = configuration["Role"].rpartition("/")[2]
        statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=role, PolicyName="taken", PolicyDocument=policy)
        taken.append(role)

    yield deny
    for role in taken:
        iam.delete_role_policy(RoleName=role, PolicyName="taken")


@pytest.fixture
def once(deployment):
    """A client that does not retry."""
    client = deployment.client("rekognition", config=Config(retries={"total_max_attempts": 1}))
    return sign_for_api_gateway(client)


@pytest.mark.parametrize("action", ["dynamodb:GetItem", "dynamodb:BatchGetItem"])
def test_the_api_fails_without_a_grant(action, indexed, denied, once, photo):
    image = {"Bytes": photo("obama2.jpg")}
    denied("ApiFunction", action)
    with pytest.raises(ClientError) as caught:
        once.search_faces_by_image(CollectionId=indexed, Image=image)
    assert caught.value.response["Error"]["Code"] == "InternalServerError"


@pytest.mark.parametrize("action", [None, "s3:PutObject", "events:PutEvents", "dynamodb:PutItem"])
def test_the_worker_fails_without_a_grant(action, deployment, s3, denied):
    if action:
        denied("WorkerFunction", action)
    reply = deployment.client("lambda").invoke(
        FunctionName=deployment.outputs["WorkerFunction"],
        Payload=json.dumps({"Records": [message(notice(deployment, s3))]}),
    )
    failed = json.load(reply["Payload"])["batchItemFailures"]
    assert bool(failed) == bool(action)


def notice(deployment, s3):
    """A notice for a photo under a prefix that S3 does not announce: only the function that this
    test invokes sees it, and it rejects the photo with a result that says so."""
    key = f"elsewhere/{uuid.uuid4()}/photo"
    put = s3.put_object(Bucket=deployment.input_bucket, Key=key, Body=b"a photo")
    found = {"key": key, "eTag": put["ETag"].strip('"'), "versionId": put["VersionId"]}
    place = {"bucket": {"name": deployment.input_bucket}, "object": found | {"sequencer": "00"}}
    return {"Records": [{"eventName": "ObjectCreated:Put", "s3": place}]}


@pytest.mark.parametrize("action", ["dynamodb:Query", "s3:ListBucketMultipartUploads"])
def test_the_compactor_fails_without_a_grant(action, deployment, indexed, denied):
    denied("CompactorFunction", action)
    reply = deployment.client("lambda").invoke(
        FunctionName=deployment.outputs["CompactorFunction"],
        Payload=json.dumps({"CollectionId": indexed}),
    )
    answer = json.load(reply["Payload"])
    assert "FunctionError" in reply or answer["Failed"]
