"""The deployment's stores over the table and its snapshot bucket, opened once a process."""

import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from aws_lambda_powertools import Logger

from functions.runtime import clients, scratch
from semblance.embedding.codec import Codec
from semblance.stores.opening import Stores, open_stores
from semblance.stores.snapshot_bucket import SnapshotBucket, Unusable
from semblance.vision.packs.loading import load_codecs, load_pack
from semblance.vision.packs.specs import ModelPack

logger = Logger()


@cache
def pack() -> ModelPack:
    """The deployment's model pack: its numbers, without any weights."""
    settings = clients.settings()
    return load_pack(settings.model_pack, Path(settings.models_dir))


@cache
def codecs() -> Mapping[str, Codec]:
    """By model id: of every model whose collections the table may hold, the deployment's
    included."""
    return load_codecs(pack=clients.settings().model_pack)


@cache
def stores() -> Stores:
    codec = pack().embedder.codec
    return open_stores(clients.table(), codec=codec, others=codecs(), clock=time.time)


@cache
def snapshots() -> SnapshotBucket:
    return SnapshotBucket(
        clients.s3(),
        clients.settings().snapshots_bucket,
        scratch.directory(),
        time.time,
        named=lambda uid: stores().visits.of(uid).snapshot_ms,
        on_unusable=log_unusable,
    )


def log_unusable(unusable: Unusable) -> None:
    logger.warning("snapshot not used", key=unusable.snapshot.key, reason=unusable.reason)
