from typing import Any

import pytest

from infra.config import SECONDS_A_PHOTO
from tests.infra.conftest import Synthesised
from tests.infra.synthesis import Resource, Template, resources
from tests.infra.test_storage import buckets, only

pytestmark = pytest.mark.infra


def queues(template: Template) -> tuple[tuple[str, Resource], tuple[str, Resource]]:
    """(logical id, resource) of the queue and of its dead-letter queue, as in the outputs."""
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


def test_the_queue_policy_is_deployed_before_the_buckets_notification(image: Template) -> None:
    (queue, _), _ = queues(image)
    (policy,) = (
        name
        for name, each in image["Resources"].items()
        if each["Type"] == "AWS::SQS::QueuePolicy"
        and each["Properties"]["Queues"] == [{"Ref": queue}]
    )
    assert policy in buckets(image)["InputBucket"]["DependsOn"]


def test_a_photo_that_fails_five_times_is_kept_for_two_weeks(image: Template) -> None:
    (_, queue), (name, dead_letters) = queues(image)
    assert queue["Properties"]["RedrivePolicy"] == {
        "deadLetterTargetArn": arn(name),
        "maxReceiveCount": 5,
    }
    assert dead_letters["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_queues_are_encrypted(image: Template) -> None:
    for queue in resources(image, "AWS::SQS::Queue"):
        assert queue["Properties"]["SqsManagedSseEnabled"] is True


def test_timeouts_of_queue_and_worker_fit_together(deployment: Synthesised) -> None:
    template = deployment.template
    (_, queue), (_, dead_letters) = queues(template)
    worker = template["Resources"][template["Outputs"]["WorkerFunction"]["Value"]["Ref"]]
    mapping = only(template, "AWS::Lambda::EventSourceMapping")["Properties"]
    timeout = worker["Properties"]["Timeout"]
    window = mapping["MaximumBatchingWindowInSeconds"]
    # AWS recommends this, so that a message stays hidden while a function may still work on it.
    hidden = queue["Properties"]["VisibilityTimeout"]
    assert hidden >= 6 * timeout + window
    # The maximum of SQS.
    assert hidden <= 12 * 3600
    # Every photo of a batch has its share of time, and memory for the largest picture.
    assert timeout >= SECONDS_A_PHOTO * mapping["BatchSize"]
    assert worker["Properties"]["MemorySize"] >= 1024
    # A photo that fails every time leaves the queue before SQS would drop it. A dead letter keeps
    # the time at which it was first sent.
    tries = queue["Properties"]["RedrivePolicy"]["maxReceiveCount"]
    kept = queue["Properties"].get("MessageRetentionPeriod", 4 * 24 * 3600)
    assert tries * hidden < kept < dead_letters["Properties"]["MessageRetentionPeriod"]


def test_dropped_photos_leave_room_for_the_api(image: Template, every_choice: Template) -> None:
    """The queue limits the workers, and photos wait there unharmed. Reserved concurrency of the
    function would throttle them, and each throttle would count as one of the five tries."""
    for template in (image, every_choice):
        worker = template["Resources"][template["Outputs"]["WorkerFunction"]["Value"]["Ref"]]
        mapping = only(template, "AWS::Lambda::EventSourceMapping")["Properties"]
        assert mapping["ScalingConfig"]["MaximumConcurrency"] <= 5
        assert "ReservedConcurrentExecutions" not in worker["Properties"]


def test_the_api_may_have_concurrency_of_its_own(image: Template, every_choice: Template) -> None:
    reserved = [
        template["Resources"][template["Outputs"]["ApiFunction"]["Value"]["Ref"]]["Properties"].get(
            "ReservedConcurrentExecutions"
        )
        for template in (image, every_choice)
    ]
    assert reserved == [None, 50]


def test_the_worker_takes_batches_and_reports_the_messages_that_failed(image: Template) -> None:
    (queue, _), _ = queues(image)
    mapping = only(image, "AWS::Lambda::EventSourceMapping")["Properties"]
    assert mapping == {
        "BatchSize": 5,
        "EventSourceArn": arn(queue),
        "FunctionName": {"Ref": image["Outputs"]["WorkerFunction"]["Value"]["Ref"]},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumBatchingWindowInSeconds": 0,
        "ScalingConfig": {"MaximumConcurrency": 5},
        "Tags": [{"Key": "semblance:stack", "Value": "Semblance"}],
    }


def test_batches_and_concurrency_are_the_owners_choice(every_choice: Template) -> None:
    mapping = only(every_choice, "AWS::Lambda::EventSourceMapping")["Properties"]
    assert mapping["BatchSize"] == 2
    assert mapping["MaximumBatchingWindowInSeconds"] == 20
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 3}
