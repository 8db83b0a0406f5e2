"""Polls for the result of a dropped photo, since nothing announces it to a test."""

import json
import time
from typing import Any

import pytest

from tools.local.cloud import Deployment

TIMEOUT_S = 30


def awaited(
    s3: Any, deployment: Deployment, photo_key: str, *, seconds: float = TIMEOUT_S
) -> dict[str, Any]:
    key = f"results/{photo_key}.json"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            return json.load(s3.get_object(Bucket=deployment.results_bucket, Key=key)["Body"])
        except s3.exceptions.NoSuchKey:
            time.sleep(0.1)
    pytest.fail(f"s3://{deployment.results_bucket}/{key} did not appear in {seconds} s")
