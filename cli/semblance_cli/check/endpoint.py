"""Single HTTP requests to the API, signed well, badly or not at all, with the answer as it came.

A boto3 client retries, and hides the status and the form of a refusal.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError

from semblance.protocol import wire

if TYPE_CHECKING:
    from botocore.httpsession import URLLib3Session

_REQUEST_IDS = ("x-amzn-requestid", "apigw-requestid")
_RETRIED_STATUSES = {429, 500, 502, 503, 504}
_RETRIED_CODES = {
    "InternalServerError", "ProvisionedThroughputExceededException", "ThrottlingException",
}  # fmt: skip


class Key(NamedTuple):
    """`service` is the name to sign for: `execute-api` or `rekognition`."""

    id: str
    secret: str
    service: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    operation: str
    status: int
    """0 if there was no answer."""
    code: str = ""
    message: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    request_id: str = ""
    seconds: float = 0.0
    shaped: bool = False
    """True if a refusal has AWS's form: `__type` in JSON and the header `x-amzn-ErrorType`."""

    @property
    def good(self) -> bool:
        return self.status == 200

    @property
    def retried(self) -> bool:
        """Whether the SDKs send such a call again by themselves."""
        return self.status in _RETRIED_STATUSES or self.code in _RETRIED_CODES

    def __str__(self) -> str:
        if not self.status:
            return f"no answer: {self.message}"
        return " ".join(filter(None, (str(self.status), self.code or self.message[:80])))


@dataclass(frozen=True, slots=True)
class Endpoint:
    http: URLLib3Session
    url: str
    region: str

    def call(self, operation: str, request: dict[str, Any], key: Key | None) -> Answer:
        return self.send(operation, json.dumps(request).encode(), key)

    def send(
        self,
        operation: str,
        body: bytes,
        key: Key | None,
        *,
        url: str = "",
        method: str = "POST",
    ) -> Answer:
        headers = {
            "Content-Type": wire.CONTENT_TYPE,
            wire.TARGET_HEADER: f"{wire.TARGET_PREFIX}{operation}",
        }
        request = AWSRequest(method, url or self.url, headers=headers, data=body)
        if key:
            credentials = Credentials(key.id, key.secret, key.token)
            SigV4Auth(credentials, key.service, self.region).add_auth(request)
        started = time.perf_counter()
        try:
            reply = self.http.send(request.prepare())
        except BotoCoreError as error:
            return Answer(operation, 0, message=str(error), seconds=time.perf_counter() - started)
        return _read(operation, reply, time.perf_counter() - started)

    def preflight(self, origin: str) -> str:
        """The origin that the API lets in, asked as a browser of this origin asks; empty if none.
        Raises BotoCoreError."""
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,x-amz-date,x-amz-target",
        }
        reply = self.http.send(AWSRequest("OPTIONS", self.url, headers=headers).prepare())
        return str(reply.headers.get("Access-Control-Allow-Origin", ""))


def _read(operation: str, reply: Any, seconds: float) -> Answer:
    headers = {name.lower(): value for name, value in reply.headers.items()}
    try:
        body = json.loads(reply.content or b"{}")
    except ValueError:
        body = {}
    if not isinstance(body, dict):
        body = {}
    told, named = str(body.get("__type", "")), headers.get(wire.ERROR_HEADER.lower(), "")
    return Answer(
        operation,
        reply.status_code,
        code=(told or named).rpartition("#")[2].partition(":")[0],
        message=str(body.get("message") or body.get("Message") or ""),
        body=body,
        request_id=next((headers[name] for name in _REQUEST_IDS if name in headers), ""),
        seconds=seconds,
        shaped=bool(told and named),
    )
