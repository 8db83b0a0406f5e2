"""Builds what the handlers work with, once a process: the only maker of AWS clients."""

import os
import time
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config

from functions import emf
from functions.once import Once
from semblance.gallery import codes
from semblance.gallery.gallery import Gallery, Load
from semblance.gallery.similarity import SimilarityScale
from semblance.metrics import GALLERY_FACES, GALLERY_LOAD_TIME
from semblance.service import Service
from semblance.settings import Settings
from semblance.stores.changes import ChangeFeed, ChangeWriter
from semblance.stores.collections import CollectionTable
from semblance.stores.faces import FaceTable
from semblance.stores.images import ImageBuckets
from semblance.stores.outcomes import Outcomes
from semblance.stores.tokens import TokenTable
from semblance.stores.users import UserTable
from semblance.vision.engine import Engine
from semblance.vision.pack import load_pack

logger = Logger()

_MIB_A_VCPU = 1_769
_GALLERY_SHARE = 0.5
"""Of the function's memory; the models, a picture at work and Python take the rest."""

_CLIENT_CONFIG = Config(
    # A change is stamped before it is sent, and readers look back 60 s for it: three tries of
    # 8 s with the pauses between them stay well within that.
    connect_timeout=3,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=32,
)


@cache
def settings() -> Settings:
    return Settings.from_env(os.environ)


@cache
def service() -> Service:
    ours = settings()
    table = boto3.resource("dynamodb", config=_CLIENT_CONFIG).Table(ours.table_name)
    pack = load_pack(ours.model_pack, Path(ours.models_dir))
    engine = Engine(pack, threads=max(1, _memory_mib() // _MIB_A_VCPU))
    changes = ChangeWriter(time.time)
    faces = FaceTable(table, changes, encode=codes.encode)
    users = UserTable(table, changes, encode=codes.encode)
    return Service(
        settings=ours,
        engine=engine,
        similarity=SimilarityScale(engine.calibration),
        gallery=Gallery(
            embeddings=faces.embeddings,
            users=users.all,
            changes=ChangeFeed(table).since,
            clock=time.time,
            budget_bytes=int(_memory_mib() * 2**20 * _GALLERY_SHARE),
            on_load=tell_of_load,
        ),
        collections=CollectionTable(table),
        faces=faces,
        users=users,
        tokens=TokenTable(table, time.time),
        images=ImageBuckets(_s3(), ours.readable_buckets()),
        clock=time.time,
        new_uid=lambda: str(uuid.uuid4()),
    )


def tell_of_load(load: Load) -> None:
    milliseconds = load.seconds * 1000
    logger.info(
        "loaded",
        uid=load.uid,
        faces=load.faces,
        size_bytes=load.size_bytes,
        duration_ms=round(milliseconds, 1),
    )
    emf.emit({GALLERY_LOAD_TIME: milliseconds, GALLERY_FACES: load.faces})


@cache
def outcomes() -> Outcomes:
    events = boto3.client("events", config=_CLIENT_CONFIG)
    return Outcomes(_s3(), settings().results_bucket, events, settings().event_bus)


@cache
def once() -> Once:
    # Not the client of `service`: that belongs to a resource, which writes items in its own way.
    return Once(boto3.client("dynamodb", config=_CLIENT_CONFIG), settings().table_name)


@cache
def _s3() -> Any:
    return boto3.client("s3", config=_CLIENT_CONFIG)


def _memory_mib() -> int:
    """Lambda says it; elsewhere what a function of the default size has."""
    return int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "3008"))
