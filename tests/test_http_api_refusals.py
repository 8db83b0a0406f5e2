"""The refusals that an HTTP API makes itself, in its own words, as clients see them.

docs/coming-from-rekognition.md has the table. The bodies are those of API Gateway; no setting of an
HTTP API changes them.
"""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tools.checkout import CHECKOUT
from tools.local.cloud import NODE_IS_FINE
from tools.local.emulator import without_clouds

pytestmark = pytest.mark.slow

REFUSED = CHECKOUT / "tests" / "deployed" / "javascript" / "refused.mjs"
KEY = {"AWS_ACCESS_KEY_ID": "SMBL", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1"}


class Gateway:
    """Answers every request with one refusal, and counts them."""

    def __init__(self) -> None:
        self.status, self.message, self.requests = 0, "", 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.requests += 1
                self.rfile.read(int(self.headers["Content-Length"]))
                body = json.dumps({"message": outer.message}).encode()
                self.send_response(outer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("apigw-requestid", "JKJaXmPLvHcESHA=")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def refuse(self, status: int, message: str) -> None:
        self.status, self.message, self.requests = status, message, 0


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    thread = threading.Thread(target=gateway.server.serve_forever)
    thread.start()
    yield gateway
    gateway.server.shutdown()
    gateway.server.server_close()
    thread.join()


PERMANENT = [(404, "Not Found"), (403, "Forbidden"), (413, "Request Entity Too Large")]
TRANSIENT = [(500, "Internal Server Error"), (503, "Service Unavailable")]
THROTTLED = (429, "Too Many Requests")


@pytest.mark.parametrize(
    ("mode", "refusal", "is_retried"),
    [
        *(("legacy", refusal, False) for refusal in PERMANENT),
        *(("standard", refusal, False) for refusal in PERMANENT),
        *(("legacy", refusal, True) for refusal in [*TRANSIENT, THROTTLED]),
        *(("standard", refusal, True) for refusal in TRANSIENT),
        ("standard", THROTTLED, False),
    ],
)
def test_boto3_makes_the_status_the_code(gateway, mode, refusal, is_retried):
    gateway.refuse(*refusal)
    client = boto3.client(
        "rekognition",
        endpoint_url=gateway.url,
        region_name="eu-west-1",
        aws_access_key_id="SMBL",
        aws_secret_access_key="secret",  # noqa: S106
        config=Config(retries={"mode": mode, "total_max_attempts": 2}),
    )
    with pytest.raises(ClientError) as caught:
        client.list_collections()
    status, message = refusal
    assert caught.value.response["Error"] == {"Code": str(status), "Message": message}
    assert gateway.requests == (2 if is_retried else 1)


@pytest.mark.parametrize(
    ("refusal", "attempts"),
    [(PERMANENT[0], 1), (PERMANENT[2], 1), (TRANSIENT[0], 3), (THROTTLED, 3)],
)
def test_javascript_knows_no_name_for_it_and_retries_throttling(gateway, refusal, attempts):
    gateway.refuse(*refusal)
    done = subprocess.run(
        ["node", REFUSED],
        cwd=CHECKOUT,
        env=without_clouds(os.environ)
        | KEY
        | NODE_IS_FINE
        | {"AWS_ENDPOINT_URL_REKOGNITION": gateway.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    status, message = refusal
    assert json.loads(done.stdout) == {
        "name": "Unknown",
        "message": message,
        "attempts": attempts,
        "httpStatusCode": status,
    }
    assert gateway.requests == attempts
