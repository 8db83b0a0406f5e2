"""AWS clients and what tells where they lead, made once a process: the only maker of clients."""

import os
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from semblance.settings import Settings

_CONFIG = Config(
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
def table() -> Any:
    return boto3.resource("dynamodb", config=_CONFIG).Table(settings().table_name)


@cache
def dynamodb() -> Any:
    """Not the client of `table`: that belongs to a resource, which writes items in its own way."""
    return boto3.client("dynamodb", config=_CONFIG)


@cache
def s3() -> Any:
    return boto3.client("s3", config=_CONFIG)


@cache
def events() -> Any:
    return boto3.client("events", config=_CONFIG)


def memory_mib() -> int:
    """Lambda says it; elsewhere what a function of the default size has."""
    return int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "3008"))
