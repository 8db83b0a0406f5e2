"""The audit trail in the log group to which the deployed functions write."""

import json

import pytest

from semblance.client import sign_for_api_gateway
from tests.deployed.results import TIMEOUT_S, awaited
from tests.schemas import assert_is_audit_line
from tools.local import waiting
from tools.local.emulator import ACCOUNT


@pytest.fixture(scope="module")
def trail(deployment):
    """A function that returns the lines on one collection, or on all."""
    logs = deployment.client("logs")

    def read(collection=None):
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=deployment.outputs["AuditLogGroup"]
        )
        lines = [json.loads(event["message"]) for page in pages for event in page["events"]]
        return [line for line in lines if collection in (None, line["collection"])]

    return read


def test_each_call_is_recorded(deployment, indexed, rekognition, photo, trail):
    rekognition.search_faces_by_image(CollectionId=indexed, Image={"Bytes": photo("obama2.jpg")})
    made, *added, searched = trail(indexed)
    assert [line["operation"] for line in (made, *added)] == [
        "CreateCollection",
        "IndexFaces",
        "IndexFaces",
    ]
    assert searched.pop("duration_ms") > 0
    # The local cloud gives the caller another request id than the function.
    assert searched.pop("request_id")
    assert searched.pop("lambda_request_id")
    assert searched.pop("time").endswith("Z")
    assert searched == {
        "way": "api",
        "caller": f"arn:aws:iam::{ACCOUNT}:root",
        "claimed_key": None,
        "put_by": None,
        "operation": "SearchFacesByImage",
        "collection": indexed,
        "images": {"Image": "bytes"},
        "outcome": "OK",
        "counts": {"FaceMatches": 1},
    }


def test_a_refused_call_is_recorded_with_its_caller(deployment, trail):
    iam = deployment.client("iam")
    iam.create_user(UserName="auditee")
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="auditee", PolicyName="call", PolicyDocument=policy)
    key = iam.create_access_key(UserName="auditee")["AccessKey"]
    client = sign_for_api_gateway(
        deployment.client(
            "rekognition",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )
    )
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.delete_collection(CollectionId="of-nobody")
    (line,) = trail("of-nobody")
    assert line["outcome"] == "ResourceNotFoundException"
    assert line["caller"] == f"arn:aws:iam::{ACCOUNT}:user/auditee"


def test_a_dropped_photo_is_recorded(deployment, indexed, s3, photo, trail):
    key = f"search/{indexed}/door.jpg"
    s3.put_object(Bucket=deployment.input_bucket, Key=key, Body=photo("obama2.jpg"))
    awaited(s3, deployment, key)
    line = told(lambda: [line for line in trail(indexed) if line["way"] == "photo"])
    assert line["operation"] == "SearchFacesByImage"
    assert (line["outcome"], line["counts"]) == ("OK", {"Faces": 1, "FaceMatches": 1})
    assert line["images"]["Image"]["key"] == key
    assert line["caller"] == f"arn:aws:s3:::{deployment.input_bucket}"


def told(find):
    """Waits for the single line: a photo's result is there before its line."""
    (line,) = waiting.first(find, seconds=TIMEOUT_S, name="a line")
    return line


def test_all_lines_are_as_documented_and_none_was_lost(deployment, trail):
    assert trail()
    for line in trail():
        assert_is_audit_line(line)
    logs = deployment.client("logs")
    groups = {
        deployment.client("lambda").get_function_configuration(
            FunctionName=deployment.outputs[name]
        )["LoggingConfig"]["LogGroup"]
        for name in ("ApiFunction", "WorkerFunction")
    }
    for group in groups:
        lost = logs.filter_log_events(logGroupName=group, filterPattern='"not in the audit trail"')
        assert lost["events"] == []
