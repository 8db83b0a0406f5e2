"""Clients that call the handlers in this process, with moto in place of AWS."""

import json
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from moto import mock_aws

from functions import api
from functions.runtime.callers import Identify, told_by_the_gateway
from semblance.contract import schema
from semblance.contract.settings import Settings
from semblance.embedding import codec
from semblance.embedding.similarity import SimilarityScale
from semblance.gallery.gallery import Gallery
from semblance.service import Engine, Service
from semblance.stores.changes import ChangeFeed, ChangeWriter
from semblance.stores.collections import CollectionTable
from semblance.stores.faces import FaceTable
from semblance.stores.images import ImageBuckets
from semblance.stores.snapshot_bucket import SnapshotBucket
from semblance.stores.tokens import TokenTable
from semblance.stores.users import UserTable
from tests.contract.replies import assert_is_reply
from tests.fakes import FakeEngine
from tests.service.compacting import Compacting, make_compacting
from tests.service.inbox import Inbox

REGION = "eu-west-1"
ACCOUNT = "123456789012"
INPUT_BUCKET = "input-bucket"
RESULTS_BUCKET = "results-bucket"
SNAPSHOTS_BUCKET = "snapshots-bucket"
KNOTS = (
    (0.0, 0.0), (0.15, 5.0), (0.265, 40.0), (0.365, 80.0), (0.435, 90.0),
    (0.485, 95.0), (0.54, 99.0), (0.70, 99.9), (1.0, 100.0),
)  # fmt: skip

MakeService = Callable[..., Service]
MakeClient = Callable[..., Any]


class Clock:
    """A clock that stands still until a test advances it."""

    def __init__(self, now: float = 1_790_000_000.25) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(scope="package")
def cloud() -> Iterator[Any]:
    with mock_aws(config={"core": {"passthrough": {"services": ["rekognition"]}}}) as mock:
        yield mock


@pytest.fixture(scope="package")
def session(cloud: Any) -> boto3.Session:
    """One session for all tests: loading a service model is most of the cost of a client."""
    return boto3.Session("testing", "testing", region_name=REGION)


@pytest.fixture(scope="package")
def dynamodb(session: boto3.Session) -> Any:
    return session.resource("dynamodb")


@pytest.fixture(scope="package")
def s3_client(session: boto3.Session) -> Any:
    return session.client("s3")


@pytest.fixture(scope="package")
def kms(session: boto3.Session) -> Any:
    return session.client("kms")


@pytest.fixture
def clean_account(cloud: Any) -> None:
    cloud.reset()


@pytest.fixture
def table(dynamodb: Any, clean_account: None) -> Any:
    return make_table(dynamodb)


@pytest.fixture
def s3(s3_client: Any, clean_account: None) -> Any:
    client = s3_client
    for bucket in (INPUT_BUCKET, RESULTS_BUCKET, SNAPSHOTS_BUCKET, "unlisted-bucket"):
        client.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
    return client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine() -> Engine:
    return FakeEngine()


@pytest.fixture
def snapshots(s3: Any, clock: Clock, tmp_path: Path) -> SnapshotBucket:
    return SnapshotBucket(s3, SNAPSHOTS_BUCKET, tmp_path / "fetched", clock)


@pytest.fixture
def make_service(
    table: Any, s3: Any, clock: Clock, engine: Engine, snapshots: SnapshotBucket
) -> MakeService:
    """Each service is cold: it has no collection in memory yet."""
    defaults = {"engine": engine, "snapshots": snapshots}
    return lambda **changes: make(table, s3, clock=clock, **{**defaults, **changes})


@pytest.fixture
def service(make_service: MakeService) -> Service:
    return make_service()


@pytest.fixture
def make_client(session: boto3.Session) -> MakeClient:
    """An unmodified client whose requests go to the handler; only the handler checks them."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})

    def client_of(
        service: Service, identify: Identify = told_by_the_gateway, **options: str
    ) -> Any:
        client = session.client("rekognition", config=config, **options)
        client.meta.events.register_first(
            "before-send.rekognition", partial(_send, service=service, identify=identify)
        )
        return client

    return client_of


@pytest.fixture
def rekognition(service: Service, make_client: MakeClient) -> Any:
    return make_client(service)


@pytest.fixture
def compacting(
    table: Any, s3: Any, service: Service, snapshots: SnapshotBucket, tmp_path: Path
) -> Compacting:
    return make_compacting(table, s3, service, snapshots, tmp_path)


@pytest.fixture
def inbox(session: boto3.Session, service: Service, s3: Any, rekognition: Any) -> Inbox:
    """An inbox with a running worker, a versioned input bucket and the collection `staff`."""
    s3.put_bucket_versioning(Bucket=INPUT_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    rekognition.create_collection(CollectionId="staff")
    return Inbox(s3, service, session.client("dynamodb"))


@pytest.fixture
def deployment(service: Service, table: Any, kms: Any) -> Any:
    """A deployment with `auth=keys`."""
    from tests.service.own_keys import Deployment  # it imports this module

    return Deployment(service, table, kms)


@pytest.fixture
def key(deployment: Any) -> Any:
    """A key that may do everything."""
    return deployment.new_key()


@pytest.fixture
def client_of(deployment: Any, make_client: MakeClient) -> Callable[[Any], Any]:
    """An unmodified client that signs with a key."""
    return lambda key: make_client(
        deployment.service,
        deployment.identify,
        aws_access_key_id=key.stored.id,
        aws_secret_access_key=key.secret,
        endpoint_url="https://faces.example.com/v1/",
    )


def make_table(dynamodb: Any) -> Any:
    keys = (schema.PARTITION_KEY, "HASH"), (schema.SORT_KEY, "RANGE")
    return dynamodb.create_table(
        TableName="semblance",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
    )


def make(
    table: Any,
    s3: Any,
    *,
    clock: Callable[[], float],
    engine: Engine,
    snapshots: SnapshotBucket,
    writer_clock: Callable[[], float] | None = None,
) -> Service:
    """`writer_clock` stamps the changes when it differs from the readers' clock."""
    changes = ChangeWriter(writer_clock or clock)
    faces = FaceTable(table, changes, encode=codec.encode)
    users = UserTable(table, changes, encode=codec.encode)
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
        ),
        engine=engine,
        similarity=SimilarityScale(KNOTS),
        gallery=Gallery(
            embeddings=faces.embeddings,
            users=users.all,
            changes=ChangeFeed(table).since,
            snapshots=snapshots.fetch,
            clock=clock,
            budget_bytes=64 * 2**20,
        ),
        collections=CollectionTable(table),
        faces=faces,
        users=users,
        tokens=TokenTable(table, clock),
        images=ImageBuckets(s3, {INPUT_BUCKET}),
        clock=clock,
        new_uid=lambda: str(uuid.uuid4()),
    )


def _send(request: AWSRequest, service: Service, identify: Identify, **_: Any) -> AWSResponse:
    headers = {"Host": urlsplit(request.url).netloc, **dict(request.headers.items())}
    event = proxy_event(headers, request.body)
    reply = api.answer(event, lambda: service, identify=identify)
    if reply.status == HTTPStatus.OK:
        name = event["headers"]["X-Amz-Target"].partition(".")[2]
        assert_is_reply(name, json.loads(reply.body))
    return AWSResponse(request.url, reply.status, reply.headers, _Body(reply.body.encode()))


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


def call(service: Service, target: str | None, body: Any) -> tuple[int, dict[str, Any]]:
    """A request that no client can be made to send: returns status and body of the reply."""
    headers = {} if target is None else {"X-Amz-Target": target}
    text = body if isinstance(body, str) else json.dumps(body)
    reply = api.answer(proxy_event(headers, text), lambda: service)
    return int(reply.status), json.loads(reply.body)


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._content

    def read(self, *_: Any) -> bytes:
        content, self._content = self._content, b""
        return content
