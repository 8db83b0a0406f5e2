"""Exponential back-off: the pause before a call that DynamoDB throttled is tried again."""

import random
import time


def pause(attempt: int, *, first_seconds: float) -> None:
    """Doubles with every attempt (0 is the first). Random jitter keeps callers that were refused
    together from returning together."""
    time.sleep(random.uniform(1, 2) * first_seconds * 2**attempt)  # noqa: S311
