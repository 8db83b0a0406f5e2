"""Clients that call the handlers in this process, with moto in place of AWS."""

import json
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
from functions.runtime.callers import Identify, checked_by_the_gateway
from semblance.service import Engine, Service
from semblance.stores.snapshot_bucket import SnapshotBucket
from semblance.stores.visits import VisitTable
from tests.contract.replies import assert_is_reply
from tests.world.account import INPUT_BUCKET, REGION, SNAPSHOTS_BUCKET, TABLE, start_afresh
from tests.world.compacting import Compacting, make_compacting
from tests.world.fakes import FakeEngine
from tests.world.inbox import Inbox
from tests.world.own_keys import Deployment
from tests.world.service import Clock, make, proxy_event

MakeService = Callable[..., Service]
MakeClient = Callable[..., Any]


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


@pytest.fixture(scope="package")
def key_arn(kms: Any) -> str:
    return str(kms.create_key()["KeyMetadata"]["Arn"])


@pytest.fixture
def clean_account(cloud: Any) -> None:
    start_afresh()


@pytest.fixture
def table(dynamodb: Any, clean_account: None) -> Any:
    return dynamodb.Table(TABLE)


@pytest.fixture
def s3(s3_client: Any, clean_account: None) -> Any:
    return s3_client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine() -> Engine:
    return FakeEngine()


@pytest.fixture
def snapshots(table: Any, s3: Any, clock: Clock, tmp_path: Path) -> SnapshotBucket:
    return SnapshotBucket(
        s3,
        SNAPSHOTS_BUCKET,
        tmp_path / "fetched",
        clock,
        named=lambda uid: VisitTable(table).of(uid).snapshot_ms,
    )


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
        service: Service, identify: Identify = checked_by_the_gateway, **options: str
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
def deployment(service: Service, table: Any, kms: Any, key_arn: str) -> Deployment:
    """A deployment with `auth=keys`."""
    return Deployment(service, table, kms, key_arn)


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


def _send(request: AWSRequest, service: Service, identify: Identify, **_: Any) -> AWSResponse:
    headers = {"Host": urlsplit(request.url).netloc, **dict(request.headers.items())}
    event = proxy_event(headers, request.body)
    reply = api.answer(event, lambda: service, identify=identify)
    if reply.status == HTTPStatus.OK:
        name = event["headers"]["X-Amz-Target"].partition(".")[2]
        assert_is_reply(name, json.loads(reply.body))
    return AWSResponse(request.url, reply.status, reply.headers, _Body(reply.body.encode()))


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._content

    def read(self, *_: Any) -> bytes:
        content, self._content = self._content, b""
        return content
