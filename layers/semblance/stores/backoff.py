"""The pause before another try of a call that DynamoDB could not take yet."""

import random
import time


def pause(attempt: int, *, first_seconds: float) -> None:
    """Doubles with every attempt (0 is the first), and is spread at random so that callers that
    were refused together do not return together."""
    time.sleep(random.uniform(1, 2) * first_seconds * 2**attempt)  # noqa: S311
