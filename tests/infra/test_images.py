from typing import Any

import pytest

from tests.infra.synthesis import Resource, Template, resources
from tests.infra.test_storage import buckets, only

pytestmark = pytest.mark.infra


def queues(template: Template) -> tuple[tuple[str, Resource], tuple[str, Resource]]:
    """(logical id, resource) of the queue and of the one for dead letters, as the outputs say."""
    names = [template["Outputs"][n]["Value"]["Ref"] for n in ("QueueUrl", "DeadLetterQueueUrl")]
    queue, dead_letters = ((name, template["Resources"][name]) for name in names)
    return queue, dead_letters


def arn(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def test_photos_under_both_prefixes_are_announced_to_the_queue(image: Template) -> None:
    (queue, _), _ = queues(image)
    notifications = buckets(image)["InputBucket"]["Properties"]["NotificationConfiguration"]
    assert notifications == {
        "QueueConfigurations": [
            {
                "Event": "s3:ObjectCreated:*",
                "Queue": arn(queue),
                "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": prefix}]}},
            }
            for prefix in ("search/", "index/")
        ]
    }


def test_only_s3_for_this_account_may_send_to_the_queue(image: Template) -> None:
    (queue, _), _ = queues(image)
    allowed = [
        statement
        for policy in resources(image, "AWS::SQS::QueuePolicy")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    assert allowed == [
        {
            "Action": "sqs:SendMessage",
            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Resource": arn(queue),
        }
    ]


def test_the_queue_takes_messages_before_the_bucket_is_made(image: Template) -> None:
    (queue, _), _ = queues(image)
    (policy,) = (
        name
        for name, each in image["Resources"].items()
        if each["Type"] == "AWS::SQS::QueuePolicy"
        and each["Properties"]["Queues"] == [{"Ref": queue}]
    )
    assert policy in buckets(image)["InputBucket"]["DependsOn"]


def test_a_photo_that_fails_three_times_is_kept_for_two_weeks(image: Template) -> None:
    (_, queue), (name, dead_letters) = queues(image)
    assert queue["Properties"]["RedrivePolicy"] == {
        "deadLetterTargetArn": arn(name),
        "maxReceiveCount": 3,
    }
    assert dead_letters["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_queues_are_encrypted(image: Template) -> None:
    for queue in resources(image, "AWS::SQS::Queue"):
        assert queue["Properties"]["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("name", ["image", "every_choice"])
def test_a_message_stays_hidden_for_six_times_the_workers_timeout(
    name: str, request: pytest.FixtureRequest
) -> None:
    template = request.getfixturevalue(name)
    (_, queue), _ = queues(template)
    worker = template["Resources"][template["Outputs"]["WorkerFunction"]["Value"]["Ref"]]
    assert queue["Properties"]["VisibilityTimeout"] >= 6 * worker["Properties"]["Timeout"]


def test_the_worker_takes_batches_and_says_which_messages_failed(image: Template) -> None:
    (queue, _), _ = queues(image)
    mapping = only(image, "AWS::Lambda::EventSourceMapping")["Properties"]
    assert mapping == {
        "BatchSize": 5,
        "EventSourceArn": arn(queue),
        "FunctionName": {"Ref": image["Outputs"]["WorkerFunction"]["Value"]["Ref"]},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 10},
    }


def test_batches_and_concurrency_are_the_owners_choice(every_choice: Template) -> None:
    mapping = only(every_choice, "AWS::Lambda::EventSourceMapping")["Properties"]
    assert mapping["BatchSize"] == 2
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 3}


def test_an_alarm_watches_the_dead_letters(image: Template) -> None:
    _, (name, _) = queues(image)
    alarm = only(image, "AWS::CloudWatch::Alarm")["Properties"]
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["Dimensions"] == [
        {"Name": "QueueName", "Value": {"Fn::GetAtt": [name, "QueueName"]}}
    ]
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)
