"""Leftovers of runs that were killed, found by their names and removed."""

from __future__ import annotations

from collections.abc import Iterator

from semblance.contract.layout import SEARCH, results_prefix
from semblance_cli.check import cleanup
from semblance_cli.check.cleanup import PREFIX
from semblance_cli.check.collection import remove
from semblance_cli.check.context import Context
from semblance_cli.check.findings import Check, Group, Verdict, failed, ok
from semblance_cli.check.own_key import remove_keys


def _earlier(context: Context) -> Iterator[Verdict]:
    """Runs of the last quarter of an hour are left alone: they may go on elsewhere."""
    removed = [*_collections(context), *_keys(context), *_objects(context)]
    removed += [*_rules(context), *_queues(context)]
    yield ok(f"removed: {', '.join(removed)}") if removed else ok("none")


def _collections(context: Context) -> Iterator[str]:
    reply = context.call("ListCollections")
    for name in filter(cleanup.is_leftover, reply.body.get("CollectionIds", ())):
        remove(context, name)
        yield f"collection {name}"


def _keys(context: Context) -> Iterator[str]:
    found = context.keys.all() if context.keys else []
    for name in [key.name for key in found if cleanup.is_leftover(key.name)]:
        remove_keys(context, name)
        yield f"access key {name}"


def _objects(context: Context) -> Iterator[str]:
    s3, photos = context.client("s3"), f"{SEARCH}/{PREFIX}"
    places = {"InputBucket": photos, "ResultsBucket": results_prefix(photos)}
    for output, prefix in places.items():
        bucket = context.outputs[output]
        old = [
            each
            for each in cleanup.versions(s3, bucket, prefix)
            if cleanup.is_leftover(each["Key"])
        ]
        cleanup.delete(s3, bucket, old)
        if old:
            yield f"{len(old)} objects of {output}"


def _rules(context: Context) -> Iterator[str]:
    events, bus = context.client("events"), context.bus()
    for rule in events.list_rules(NamePrefix=PREFIX, EventBusName=bus)["Rules"]:
        if cleanup.is_leftover(rule["Name"]):
            cleanup.remove_rule(events, bus, rule["Name"])
            yield f"rule {rule['Name']}"


def _queues(context: Context) -> Iterator[str]:
    sqs = context.client("sqs")
    for url in sqs.list_queues(QueueNamePrefix=PREFIX).get("QueueUrls", ()):
        name = url.rpartition("/")[2]
        if cleanup.is_leftover(name):
            cleanup.remove_queue(sqs, name)
            yield f"queue {name}"


def _own(context: Context) -> Iterator[Verdict]:
    left = context.cleanup.run()
    if left:
        yield failed(
            "; ".join(left),
            "nothing of this run",
            f"The next check removes it, {cleanup.LONGEST_RUN_SECONDS // 60} minutes from now; its "
            f"name is {context.run}.",
        )
    else:
        yield ok("everything is removed")


EARLIER = Check(
    "leftovers",
    "Leftovers of earlier runs",
    _earlier,
    ("s3:ListBucketVersions", "s3:DeleteObjectVersion", "events:ListRules", "sqs:ListQueues"),
)
GROUP = Group("Cleaning up", (Check("cleanup", "What this run made", _own),))
