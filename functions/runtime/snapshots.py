"""The bucket of snapshots as all functions use it, made once a process."""

import time
from functools import cache

from aws_lambda_powertools import Logger

from functions.runtime import clients, scratch
from semblance.stores.snapshot_bucket import SnapshotBucket, Unusable

logger = Logger()


@cache
def bucket() -> SnapshotBucket:
    return SnapshotBucket(
        clients.s3(),
        clients.settings().snapshots_bucket,
        scratch.directory(),
        time.time,
        on_unusable=tell_of_unusable,
    )


def tell_of_unusable(unusable: Unusable) -> None:
    logger.warning("snapshot not used", key=unusable.snapshot.key, reason=unusable.reason)
