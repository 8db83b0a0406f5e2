"""A service over the stores of `account`, and requests to it that no client can send."""

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from functions import api
from semblance.contract.settings import Settings
from semblance.embedding.codec import Codec
from semblance.embedding.similarity import SimilarityScale
from semblance.gallery.gallery import MemoryGallery
from semblance.service import Engine, Service
from semblance.stores.images import ImageBuckets
from semblance.stores.opening import open_stores
from semblance.stores.snapshot_bucket import SnapshotBucket
from tests.world.account import ACCOUNT, INPUT_BUCKET, REGION, RESULTS_BUCKET, SNAPSHOTS_BUCKET

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table
    from types_boto3_s3 import S3Client

KNOTS = (
    (0.0, 0.0), (0.15, 5.0), (0.265, 40.0), (0.365, 80.0), (0.435, 90.0),
    (0.485, 95.0), (0.54, 99.0), (0.70, 99.9), (1.0, 100.0),
)  # fmt: skip


class Clock:
    """A clock that stands still until a test advances it."""

    def __init__(self, now: float = 1_790_000_000.25) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def make(
    table: "Table",
    s3: "S3Client",
    *,
    clock: Callable[[], float],
    engine: Engine,
    snapshots: SnapshotBucket,
    writer_clock: Callable[[], float] | None = None,
    others: Mapping[str, Codec] = MappingProxyType({}),
    budget_bytes: int = 64 * 2**20,
) -> Service:
    """`writer_clock` stamps the changes when it differs from the readers' clock. `others`: the
    codecs of other models, by model id."""
    codec = engine.codec
    stores = open_stores(table, codec=codec, others=others, clock=clock, writer_clock=writer_clock)
    return Service(
        settings=Settings(
            partition="aws",
            region=REGION,
            account_id=ACCOUNT,
            auth="none",
            table_name=table.name,
            input_bucket=INPUT_BUCKET,
            results_bucket=RESULTS_BUCKET,
            snapshots_bucket=SNAPSHOTS_BUCKET,
            image_buckets=INPUT_BUCKET,
            event_bus="default",
            audit_log_group="audit",
            model_pack="open",
            models_dir="",
            key_arn="",
            signing_paths="/v1/",
            cors_origins="",
        ),
        engine=engine,
        similarity=SimilarityScale(KNOTS),
        gallery=MemoryGallery(
            codec=codec,
            embeddings=stores.faces.embeddings,
            users=stores.users.all,
            changes=stores.feed.since,
            snapshots=partial(snapshots.fetch, codec=codec),
            clock=clock,
            budget_bytes=budget_bytes,
        ),
        collections=stores.collections,
        faces=stores.faces,
        users=stores.users,
        tokens=stores.tokens,
        images=ImageBuckets(s3, {INPUT_BUCKET}),
        clock=clock,
        new_uid=lambda: str(uuid.uuid4()),
    )


def proxy_event(headers: dict[str, Any], body: bytes | str | None) -> dict[str, Any]:
    """The event that API Gateway's REST API sends."""
    text = body.decode() if isinstance(body, bytes) else body
    return {
        "resource": "/",
        "path": "/",
        "httpMethod": "POST",
        "headers": {n: v.decode() if isinstance(v, bytes) else v for n, v in headers.items()},
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "requestTimeEpoch": 1_790_000_000_250,
            "stage": "v1",
            "path": "/v1/",
        },
        "body": text,
        "isBase64Encoded": False,
    }


def from_http_api(event: dict[str, Any]) -> dict[str, Any]:
    """The same request as the HTTP API sends it: format 1.0 with its version, all names in small
    letters, and the body encoded, since its content type is none of text."""
    several = event.get("multiValueHeaders")
    several = several or {name: [value] for name, value in (event["headers"] or {}).items()}
    small: dict[str, list[str]] = {}
    for name, values in several.items():
        small[name.lower()] = small.get(name.lower(), []) + values
    return {
        **event,
        "version": "1.0",
        "headers": {name: values[-1] for name, values in small.items()},
        "multiValueHeaders": small,
        "requestContext": {**event["requestContext"], "stage": "$default", "path": "/"},
        "body": event["body"]
        and base64.b64encode(event["body"].encode(errors="surrogatepass")).decode(),
        "isBase64Encoded": True,
    }


def from_function_url(event: dict[str, Any], query: str = "") -> dict[str, Any]:
    """The same request as a Lambda function URL sends it, in format 2.0: values of one header are
    joined."""
    http = from_http_api(event)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": query,
        "headers": {name: ",".join(values) for name, values in http["multiValueHeaders"].items()},
        "requestContext": {
            "domainName": "abcdefgh.lambda-url.eu-west-1.on.aws",
            "http": {"method": event["httpMethod"], "path": "/", "protocol": "HTTP/1.1"},
            "requestId": event["requestContext"]["requestId"],
            "timeEpoch": event["requestContext"].get("requestTimeEpoch"),
        },
        "body": http["body"],
        "isBase64Encoded": True,
    }


def call(service: Service, target: str | None, body: Any) -> tuple[int, dict[str, Any]]:
    """A request that no client can be made to send: returns status and body of the reply."""
    headers = {} if target is None else {"X-Amz-Target": target}
    text = body if isinstance(body, str) else json.dumps(body)
    reply = api.answer(proxy_event(headers, text), lambda: service)
    return int(reply.status), json.loads(reply.body)
