"""Cross-origin requests: the headers that browsers' AWS SDKs send and read.

The gateway answers preflights with these; the function adds them to its replies.
"""

from collections.abc import Collection

ALLOWED_METHODS = ("POST",)

# The AWS SDKs for JavaScript, 2 and 3, send these in a browser. Others are refused by the browser.
ALLOWED_HEADERS = (
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "authorization",
    "content-type",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-target",
    "x-amz-user-agent",
)

# Without these a page reads neither the id of a request nor the code of an error from the headers,
# nor the server's time, by which SDKs correct a wrong clock.
EXPOSED_HEADERS = ("apigw-requestid", "date", "x-amzn-ErrorType", "x-amzn-RequestId")

MAX_AGE_SECONDS = 7200
"""Chrome keeps a preflight's answer for two hours at most."""


def reply_headers(origin: str | None, allowed: Collection[str]) -> dict[str, str]:
    """The headers of a reply to a page of this origin; empty if no origin is allowed."""
    if not allowed:
        return {}
    # Caches must not hand one origin's reply to another.
    headers = {"Vary": "Origin"}
    if origin is not None and origin in allowed:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Expose-Headers"] = ",".join(EXPOSED_HEADERS)
    return headers
