"""AWS clients and the deployment's settings, made once a process: the only maker of clients."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

import boto3
from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session

from semblance.contract.settings import Settings

CONFIG = Config(
    # Three tries of 8 s and the pauses between them stay well within 60 s: a change is stamped
    # before it is sent, and readers look back that far for it.
    connect_timeout=3,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=32,
)

# A caller waits for the audit trail, 4 s at the worst. The second try is for a connection that
# died while the function was frozen.
LOGS_CONFIG = Config(
    connect_timeout=0.5,
    read_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 2},
)


class _ServiceModels(Loader):
    """Lists the services that are used. botocore would search its 400 folders, once for each kind
    of file, to check a service's name: a quarter of the time that it takes to make a client."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002  (botocore's)
        return ["dynamodb", "events", "kms", "logs", "s3"]


@cache
def settings() -> Settings:
    return Settings.from_env(os.environ)


@cache
def table() -> Any:
    return _make("resource", "dynamodb").Table(settings().table_name)


@cache
def dynamodb() -> Any:
    """Not the client of `table`, which belongs to a resource and serialises items differently."""
    return _make("client", "dynamodb")


@cache
def s3() -> Any:
    return _make("client", "s3")


@cache
def events() -> Any:
    return _make("client", "events")


@cache
def logs() -> Any:
    return _make("client", "logs", LOGS_CONFIG)


@cache
def kms() -> Any:
    return _make("client", "kms")


def _make(kind: Literal["client", "resource"], service: str, config: Config = CONFIG) -> Any:
    with _no_garbage_collection():
        return getattr(_session(), kind)(service, config=config)


@cache
def _session() -> boto3.Session:
    session = Session()
    session.register_component("data_loader", _ServiceModels())
    return boto3.Session(botocore_session=session)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Client objects live forever: collecting garbage while building them doubles start-up time,
    and looking through them later costs as much again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
