"""A photo dropped into the input bucket: its way to the worker, its result and its event."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from semblance.contract.layout import (
    INDEX,
    SEARCH,
    TASKS,
    photo_key,
    prefix,
    result_name,
    results_prefix,
)
from semblance_cli.check import cleanup
from semblance_cli.check.collection import no_face
from semblance_cli.check.context import Context
from semblance_cli.check.deployed import mappings
from semblance_cli.check.findings import (
    Check,
    Group,
    Verdict,
    expect,
    failed,
    ok,
    skipped,
)
from semblance_cli.problems import status_of

_NOT_FOUND = (403, 404)
"""S3 answers 403 for an absent object to callers that may not list."""
_LEAST_SECONDS_FOR_EVENTS = 20.0


def _subscribe(context: Context) -> Iterator[Verdict]:
    """Early in the run: a new rule takes some seconds before it matches."""
    bus, name = context.bus(), context.run
    sqs, events = context.client("sqs"), context.client("events")
    with context.cleanup.making(f"the queue {name}", lambda: cleanup.remove_queue(sqs, name)):
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    results = {"Name": [{"prefix": results_prefix(prefix(SEARCH, context.run))}]}
    pattern = {"source": ["semblance"], "detail": {"Result": results}}
    remove_rule = partial(cleanup.remove_rule, events, bus, name)
    with context.cleanup.making(f"the rule {name}", remove_rule):
        rule = events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))
    policy = _policy(arn["QueueArn"], rule["RuleArn"])
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    target = {"Id": "check", "Arn": arn["QueueArn"]}
    events.put_targets(Rule=name, EventBusName=bus, Targets=[target])
    context.event_queue = url
    yield ok(f"a rule on the bus {bus} and a queue, removed at the end")


def _policy(queue: str, rule: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _notifications(context: Context) -> Iterator[Verdict]:
    found = context.client("s3").get_bucket_notification_configuration(
        Bucket=context.outputs["InputBucket"]
    )
    queue = context.outputs["QueueUrl"].rpartition("/")[2]
    to_queue = [
        each
        for each in found.get("QueueConfigurations", ())
        if each["QueueArn"].rpartition(":")[2] == queue
    ]
    watched = {
        rule["Value"]
        for each in to_queue
        for rule in each.get("Filter", {}).get("Key", {}).get("FilterRules", ())
    }
    missing = [prefix(task) for task in TASKS if prefix(task) not in watched]
    yield expect(
        not missing,
        f"none for {', '.join(missing)}" if missing else f"for {', '.join(sorted(watched))}",
        f"to the queue {queue}, for {prefix(SEARCH)} and {prefix(INDEX)}",
        "Somebody has replaced the bucket's notifications. Change any option that they hang on, or "
        "put them back: `aws s3api put-bucket-notification-configuration`.",
    )


def _mapping(context: Context) -> Iterator[Verdict]:
    found: list[dict[str, Any]] = mappings(context)
    queue = context.outputs["QueueUrl"].rpartition("/")[2]
    ours = [each for each in found if str(each["EventSourceArn"]).endswith(f":{queue}")]
    if not ours:
        yield failed(
            "none", "one from the photos' queue, Enabled", "Deploy the stack again or anew."
        )
        return
    for each in ours:
        most = each.get("ScalingConfig", {}).get("MaximumConcurrency")
        yield expect(
            each["State"] in ("Enabled", "Enabling"),
            f"{each['State']}, at most {most or 'all'} workers, {each['BatchSize']} photos each",
            "Enabled",
            f"`aws lambda update-event-source-mapping --enabled --uuid {each['UUID']}`",
        )


def _drop(context: Context) -> Iterator[Verdict]:
    """Also without a collection: then the result says so, and the way to it is proven."""
    s3 = context.client("s3")
    inputs, results = context.outputs["InputBucket"], context.outputs["ResultsBucket"]
    photos = prefix(SEARCH, context.run)
    key = photo_key(SEARCH, context.run, "photo")
    steps = (
        (f"results of {photos}", lambda: cleanup.empty(s3, results, results_prefix(photos))),
        (f"the photos {photos}", lambda: cleanup.empty(s3, inputs, photos)),
    )
    with context.cleanup.making(*steps[0]), context.cleanup.making(*steps[1]):
        s3.put_object(Bucket=inputs, Key=key, Body=context.photo or no_face())
    started = time.monotonic()
    found = context.awaited(lambda: _result(s3, results, key))
    seconds = time.monotonic() - started
    wanted = "FacesSearched" if context.photo and context.has_collection else "ImageRejected"
    if found is None:
        yield failed(
            f"none after {seconds:.0f} s",
            f"{wanted} within {context.patience:g} s",
            "See the findings on notifications, the event source and the worker; then the "
            "dead-letter queue (`semblance dead-letters list`) and the worker's log.",
            of="result",
        )
        return
    yield expect(
        found["Outcome"] == wanted,
        f"{found['Outcome']} after {seconds:.1f} s",
        wanted,
        f"The result says: {found.get('Error', {})}",
        of="result",
    )
    yield _event(context, key)


def _result(s3: Any, bucket: str, key: str) -> dict[str, Any] | None:
    try:
        reply = s3.get_object(Bucket=bucket, Key=result_name(key))
    except ClientError as error:
        if status_of(error) in _NOT_FOUND:
            return None
        raise
    found: dict[str, Any] = json.load(reply["Body"])
    return found


def _event(context: Context, key: str) -> Verdict:
    if not context.event_queue:
        return skipped("nothing listens on the bus, see above", of="event")
    sqs = context.client("sqs")
    started = time.monotonic()
    patience = max(context.patience / 3, _LEAST_SECONDS_FOR_EVENTS)
    event = context.awaited(lambda: _received(sqs, context.event_queue, key), patience)
    waited = time.monotonic() - started
    return expect(
        event is not None,
        f"{event} {waited:.1f} s after the result" if event else f"none {waited:.0f} s later",
        "the result's event on the bus",
        "Does the bus exist (`aws events list-event-buses`), and may the worker's role put events "
        "to it? The worker's log has the error. A new rule may also have missed it: check again.",
        of="event",
    )


def _received(sqs: Any, url: str, key: str) -> str | None:
    reply = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
    for message in reply.get("Messages", ()):
        event = json.loads(message["Body"])
        detail = event.get("detail", {})
        if detail.get("Result", {}).get("Name") == result_name(key):
            return str(event["detail-type"])
    return None


def _dead(context: Context) -> Iterator[Verdict]:
    reply = context.client("sqs").get_queue_attributes(
        QueueUrl=context.outputs["DeadLetterQueueUrl"],
        AttributeNames=["ApproximateNumberOfMessages"],
    )
    count = int(reply["Attributes"]["ApproximateNumberOfMessages"])
    yield expect(
        count == 0,
        f"{count:,} waiting",
        "0",
        "`semblance dead-letters list` names the photos, the worker's log the reasons; after that "
        "`semblance dead-letters redrive`.",
    )


GROUP = Group(
    "Dropped photos",
    (
        Check(
            "notifications",
            "The bucket's notifications",
            _notifications,
            ("s3:GetBucketNotification",),
        ),
        Check("event-source", "The queue feeds the worker", _mapping, (
            "lambda:ListEventSourceMappings",
        )),
        Check(
            "dropped",
            "A photo dropped",
            _drop,
            ("s3:PutObject", "s3:GetObject", "s3:ListBucketVersions", "s3:DeleteObject",
             "s3:DeleteObjectVersion", "kms:GenerateDataKey", "kms:Decrypt"),
        ),
        Check("dead-letters", "Dead letters", _dead, ("sqs:GetQueueAttributes",)),
    ),
)  # fmt: skip
LISTEN = Check(
    "listen",
    "Listening for events",
    _subscribe,
    ("events:PutRule", "events:PutTargets", "events:ListTargetsByRule", "events:RemoveTargets",
     "events:DeleteRule", "sqs:CreateQueue", "sqs:GetQueueAttributes", "sqs:SetQueueAttributes",
     "sqs:ReceiveMessage", "sqs:GetQueueUrl", "sqs:DeleteQueue"),
)  # fmt: skip
