"""Builds the service, the outcomes and the audit trail for the handlers, once a process."""

from __future__ import annotations

import os
import time
import uuid
from functools import cache, partial
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from functions.runtime import callers, clients, emf, memory, proxy_event, storage
from functions.runtime.trail import Trail
from semblance.access.caller import Caller
from semblance.access.key_ring import KeyRing
from semblance.contract.metrics import GALLERY_FACES, GALLERY_LOAD_TIME
from semblance.embedding.similarity import SimilarityScale
from semblance.gallery.gallery import Load, MemoryGallery
from semblance.photos.outcomes import Outcomes
from semblance.service import Service
from semblance.stores.access_keys import AccessKeyTable
from semblance.stores.images import ImageBuckets
from semblance.stores.seal import Seal
from semblance.vision.engine import Engine

if TYPE_CHECKING:
    from functions.runtime.deliveries import Deliveries

logger = Logger()


def identify(event: proxy_event.Event) -> Caller:
    return _identify()(event)


@cache
def _identify() -> callers.Identify:
    """A refused caller must cost neither a model nor a client, so clients are made only when there
    is a key to read or a secret to open."""
    settings = clients.settings()
    if settings.auth != "keys":
        return callers.checked_by_the_gateway
    ring = KeyRing(
        load=lambda: AccessKeyTable(clients.table()).all(),
        open_secret=lambda id_, sealed: Seal(clients.kms(), settings.key_arn).open(id_, sealed),
        clock=time.time,
    )
    return callers.OfOwnKeys(settings, ring, time.time)


@cache
def service() -> Service:
    settings, pack, stores = clients.settings(), storage.pack(), storage.stores()
    codec = pack.embedder.codec
    return Service(
        settings=settings,
        engine=Engine(pack, threads=memory.threads()),
        similarity=SimilarityScale(pack.embedder.calibration),
        gallery=MemoryGallery(
            codec=codec,
            embeddings=stores.faces.embeddings,
            users=stores.users.all,
            changes=stores.feed.since,
            snapshots=partial(storage.snapshots().fetch, codec=codec),
            clock=time.time,
            budget_bytes=memory.for_collections(pack.embedder.memory_mib),
            threads=memory.threads(),
            on_load=log_load,
        ),
        collections=stores.collections,
        faces=stores.faces,
        users=stores.users,
        tokens=stores.tokens,
        images=ImageBuckets(clients.s3(), settings.readable_buckets()),
        clock=time.time,
        new_uid=lambda: str(uuid.uuid4()),
    )


def log_load(load: Load) -> None:
    milliseconds = load.seconds * 1000
    logger.info(
        "loaded",
        uid=load.uid,
        source=load.source,
        faces=load.faces,
        size_bytes=load.size_bytes,
        duration_ms=round(milliseconds, 1),
    )
    if load.refused:
        logger.warning("snapshot not used", uid=load.uid, reason=load.refused)
    emf.emit({GALLERY_LOAD_TIME: milliseconds, GALLERY_FACES: load.faces})


@cache
def outcomes() -> Outcomes:
    settings = clients.settings()
    return Outcomes(clients.s3(), settings.results_bucket, clients.events(), settings.event_bus)


@cache
def deliveries() -> Deliveries:
    # Imported here because it loads Powertools' idempotency, which only the worker needs.
    from functions.runtime.deliveries import Deliveries

    return Deliveries(clients.dynamodb(), clients.settings().table_name)


@cache
def allowed_origins() -> frozenset[str]:
    return clients.settings().allowed_origins()


@cache
def trail() -> Trail:
    stream = os.environ["POWERTOOLS_SERVICE_NAME"]
    return Trail(clients.logs(), clients.settings().audit_log_group, stream, time.time)
