"""The event that keeps a function active: it asks for nothing, and the stack and the handlers share
it."""

from typing import Final

EVENT: Final = {"semblance": "keep-active"}
"""Neither API Gateway nor SQS can pass this on: their events have members of their own."""
