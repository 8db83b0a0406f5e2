"""Waits for something that a deployment does on its own, such as the result of a dropped photo."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from semblance.contract import layout

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

Found = TypeVar("Found")
_PAUSE_SECONDS = 0.1


def first(find: Callable[[], Found | None], *, seconds: float, name: str) -> Found:
    """The first value of `find` that is not empty; a TimeoutError with `name` if none comes."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if found := find():
            return found
        time.sleep(_PAUSE_SECONDS)
    raise TimeoutError(f"{name} did not appear in {seconds:g} s")


def result(s3: S3Client, bucket: str, photo_key: str, *, seconds: float) -> Any:
    """The result of a dropped photo, as JSON."""
    name = layout.result_name(photo_key)
    return first(lambda: _read(s3, bucket, name), seconds=seconds, name=f"s3://{bucket}/{name}")


def _read(s3: S3Client, bucket: str, name: str) -> Any:
    try:
        return json.load(s3.get_object(Bucket=bucket, Key=name)["Body"])
    except s3.exceptions.NoSuchKey:
        return None
