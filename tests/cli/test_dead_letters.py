"""Dead letters where SQS moves them itself; the other way is tried in tests/deployed."""

import boto3
import pytest
from botocore.stub import Stubber

from semblance_cli.dead_letters import DeadLetters

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


def test_redrive_without_permission_moves_nothing_in_another_way(sqs):
    client, stub = sqs
    stub.add_client_error("start_message_move_task", "AccessDenied")
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        DeadLetters(client, DEAD, QUEUE).redrive()
    stub.assert_no_pending_responses()
