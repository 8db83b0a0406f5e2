"""The limits of inline pictures that the pages state: such calls fit into Lambda's payload."""

import base64
import json

import pytest

from tools.checkout import CHECKOUT

LAMBDA_TAKES = 6_000_000
"""Documented as 6 MB (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html); the
smaller reading of it."""

# The body of a JSON service is no text to an HTTP API: `application/x-amz-json-1.1` is neither
# text/* nor application/json, so the event has it in base64.
GATEWAYS = {"iam": (4_400_000, False), "keys": (3_300_000, True)}


def event(images, *, encoded):
    """The event of API Gateway for CompareFaces, with inline images of these sizes."""
    (source, target) = ({"Bytes": base64.b64encode(bytes(size)).decode()} for size in images)
    body = json.dumps({"SourceImage": source, "TargetImage": target})
    frame = json.loads((CHECKOUT / "events" / "api-search.json").read_text())
    if encoded:
        body = base64.b64encode(body.encode()).decode()
    return frame | {"body": body, "isBase64Encoded": encoded}


def size(event):
    return len(json.dumps(event).encode())


@pytest.mark.parametrize("auth", GATEWAYS)
def test_both_images_of_a_comparison_fit_together(auth):
    limit, encoded = GATEWAYS[auth]
    assert size(event([limit // 2, limit // 2], encoded=encoded)) < LAMBDA_TAKES


@pytest.mark.parametrize("auth", GATEWAYS)
def test_a_twentieth_more_would_not_fit(auth):
    limit, encoded = GATEWAYS[auth]
    more = int(limit * 1.05)
    assert size(event([more // 2, more // 2], encoded=encoded)) > LAMBDA_TAKES


@pytest.mark.parametrize(
    "page", ["coming-from-rekognition.md", "troubleshooting.md", "operations.md"]
)
def test_the_pages_state_these_limits(page):
    text = (CHECKOUT / "docs" / page).read_text(encoding="utf-8")
    for limit, _ in GATEWAYS.values():
        assert f"{limit / 1e6:.1f} MB" in text
