"""`semblance dead-letters` where SQS moves messages itself; tests/deployed has the other way."""

import json

import boto3
import pytest
from botocore.stub import Stubber

from semblance_cli.dead_letters import DeadLetters
from semblance_cli.main import main
from tests.cli.conftest import REGION

QUEUE, DEAD = "https://sqs.test/1/photos", "https://sqs.test/1/dead"


@pytest.fixture
def sqs():
    client = boto3.Session("testing", "testing", region_name="eu-west-1").client("sqs")
    with Stubber(client) as stub:
        for url, name in ((DEAD, "dead"), (QUEUE, "photos")):
            stub.add_response(
                "get_queue_attributes",
                {"Attributes": {"QueueArn": f"arn:{name}"}},
                {"QueueUrl": url, "AttributeNames": ["QueueArn"]},
            )
        yield client, stub


def test_redrive_has_sqs_move_all_back_to_the_queue(sqs):
    client, stub = sqs
    stub.add_response(
        "start_message_move_task",
        {"TaskHandle": "task"},
        {"SourceArn": "arn:dead", "DestinationArn": "arn:photos"},
    )
    assert DeadLetters(client, DEAD, QUEUE).redrive() is None
    stub.assert_no_pending_responses()


@pytest.mark.slow
def test_redrive_without_permission_moves_nothing_in_another_way(sqs):
    client, stub = sqs
    stub.add_client_error("start_message_move_task", "AccessDenied")
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        DeadLetters(client, DEAD, QUEUE).redrive()
    stub.assert_no_pending_responses()


@pytest.fixture
def dead_letters(s3, api, capsys):
    """A function: the command's status and output, on the stack Faces with a photo that failed."""
    client = boto3.client("sqs", region_name=REGION)
    photos, dead = (client.create_queue(QueueName=name)["QueueUrl"] for name in ("photos", "dead"))
    api.outputs = {"QueueUrl": photos, "DeadLetterQueueUrl": dead}
    record = {"s3": {"object": {"key": "index/staff/ann+lee.jpg", "versionId": "v1"}}}
    for body in (json.dumps({"Records": [record]}), "nonsense"):
        client.send_message(QueueUrl=dead, MessageBody=body)

    def call(*words):
        status = main(["dead-letters", *words])
        return status, "".join(capsys.readouterr())

    return call


@pytest.mark.slow
def test_photos_that_failed_are_listed_as_often_as_one_looks(dead_letters):
    for _ in range(2):
        status, said = dead_letters("list", "--stack", "Faces")
        assert status == 0
        assert "index/staff/ann lee.jpg" in said
        assert "v1" in said
        assert "not a notice from S3" in said


@pytest.mark.slow
def test_a_stack_that_is_not_there_ends_the_command(dead_letters):
    status, said = dead_letters("redrive")
    assert status == 2
    assert "There is no stack Semblance in eu-west-1" in said
