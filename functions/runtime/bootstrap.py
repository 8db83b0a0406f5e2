"""Builds what the handlers of calls and photos work with, once a process."""

from __future__ import annotations

import os
import time
import uuid
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from functions.runtime import callers, clients, emf, memory, proxy_event, snapshots
from functions.runtime.trail import Trail
from semblance.access.caller import Caller
from semblance.access.key_ring import KeyRing
from semblance.contract.metrics import GALLERY_FACES, GALLERY_LOAD_TIME
from semblance.embedding import codec
from semblance.embedding.similarity import SimilarityScale
from semblance.gallery.gallery import Gallery, Load
from semblance.photos.outcomes import Outcomes
from semblance.service import Service
from semblance.stores.access_keys import AccessKeyTable
from semblance.stores.changes import ChangeFeed, ChangeWriter
from semblance.stores.collections import CollectionTable
from semblance.stores.faces import FaceTable
from semblance.stores.images import ImageBuckets
from semblance.stores.seal import Seal
from semblance.stores.tokens import TokenTable
from semblance.stores.users import UserTable
from semblance.vision.engine import Engine
from semblance.vision.packs.loading import load_pack

if TYPE_CHECKING:
    from functions.runtime.deliveries import Once

logger = Logger()


def identify(event: proxy_event.Event) -> Caller:
    return _identify()(event)


@cache
def _identify() -> callers.Identify:
    """Who may not call must cost neither a model nor a client: they are made when there is a key
    to read or a secret to open."""
    ours = clients.settings()
    if ours.auth != "keys":
        return callers.told_by_the_gateway
    ring = KeyRing(
        load=lambda: AccessKeyTable(clients.table()).all(),
        open_secret=lambda id_, sealed: Seal(clients.kms(), ours.key_arn).open(id_, sealed),
        clock=time.time,
    )
    return callers.OfOwnKeys(ours, ring, time.time)


@cache
def service() -> Service:
    ours = clients.settings()
    table = clients.table()
    pack = load_pack(ours.model_pack, Path(ours.models_dir))
    engine = Engine(pack, threads=memory.threads())
    changes = ChangeWriter(time.time)
    faces = FaceTable(table, changes, encode=codec.encode)
    users = UserTable(table, changes, encode=codec.encode)
    return Service(
        settings=ours,
        engine=engine,
        similarity=SimilarityScale(engine.calibration),
        gallery=Gallery(
            embeddings=faces.embeddings,
            users=users.all,
            changes=ChangeFeed(table).since,
            snapshots=snapshots.bucket().fetch,
            clock=time.time,
            budget_bytes=memory.for_collections(),
            threads=memory.threads(),
            on_load=tell_of_load,
        ),
        collections=CollectionTable(table),
        faces=faces,
        users=users,
        tokens=TokenTable(table, time.time),
        images=ImageBuckets(clients.s3(), ours.readable_buckets()),
        clock=time.time,
        new_uid=lambda: str(uuid.uuid4()),
    )


def tell_of_load(load: Load) -> None:
    milliseconds = load.seconds * 1000
    logger.info(
        "loaded",
        uid=load.uid,
        source=load.source,
        faces=load.faces,
        size_bytes=load.size_bytes,
        duration_ms=round(milliseconds, 1),
    )
    emf.emit({GALLERY_LOAD_TIME: milliseconds, GALLERY_FACES: load.faces})


@cache
def outcomes() -> Outcomes:
    ours = clients.settings()
    return Outcomes(clients.s3(), ours.results_bucket, clients.events(), ours.event_bus)


@cache
def once() -> Once:
    from functions.runtime.deliveries import Once

    return Once(clients.dynamodb(), clients.settings().table_name)


@cache
def trail() -> Trail:
    stream = os.environ["POWERTOOLS_SERVICE_NAME"]
    return Trail(clients.logs(), clients.settings().audit_log_group, stream, time.time)
