"""Faults while photos are processed: one that may not be read, and notices that come again soon."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.load.target import Target

VISIBILITY_SECONDS = 30
"""Instead of 12 minutes. Longer than a batch takes, so that no notice comes again meanwhile."""


@contextmanager
def denied(target: Target, key: str) -> Iterator[None]:
    """The worker may not read this photo."""
    policy = target.s3.get_bucket_policy(Bucket=target.input_bucket)["Policy"]
    denial = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": ["s3:GetObject", "s3:GetObjectVersion"],
        "Resource": f"arn:aws:s3:::{target.input_bucket}/{key}",
    }
    changed = json.loads(policy)
    changed["Statement"].append(denial)
    target.s3.put_bucket_policy(Bucket=target.input_bucket, Policy=json.dumps(changed))
    try:
        yield
    finally:
        target.s3.put_bucket_policy(Bucket=target.input_bucket, Policy=policy)


@contextmanager
def short_visibility(target: Target) -> Iterator[Callable[[int], None]]:
    """Notices come again after VISIBILITY_SECONDS, or as many as the yielded function is given."""

    def change(seconds: int) -> None:
        target.sqs.set_queue_attributes(
            QueueUrl=target.queue_url, Attributes={"VisibilityTimeout": str(seconds)}
        )

    attributes = target.sqs.get_queue_attributes(
        QueueUrl=target.queue_url, AttributeNames=["VisibilityTimeout"]
    )["Attributes"]
    change(VISIBILITY_SECONDS)
    try:
        yield change
    finally:
        change(int(attributes["VisibilityTimeout"]))
