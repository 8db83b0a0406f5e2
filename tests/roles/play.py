"""A program: `python -m tests.roles.play FUNCTION AUTH` runs every request through the function's
handler, over moto. It prints the IAM actions that the handler's calls need, each with the setting
that names its resource.
"""

import base64
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto import mock_aws

from semblance.access import access_key
from semblance.access.access_key import AccessKey
from semblance.access.caller import ALL, ANYONE
from semblance.contract import layout, schema
from semblance.contract.settings import Settings
from semblance.model.gallery import RETENTION_TAG
from semblance.operations import table
from semblance.stores.access_keys import AccessKeyTable
from semblance.stores.seal import Seal
from semblance.stores.transfer import PART_BYTES
from tests.roles.recorder import Recorder, deployment
from tests.world.account import ACCOUNT, REGION
from tests.world.inbox import message
from tests.world.service import proxy_event
from tests.world.stage import Call, Stage, inline, photo
from tools.specimens import SPECIMENS
from tools.specimens.specimen import Specimen

CONTEXT: Any = SimpleNamespace(
    aws_request_id="of-lambda",
    function_name="the-function",
    memory_limit_in_mb=3008,
    invoked_function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:the-function",
    get_remaining_time_in_millis=lambda: 300_000,
)

# The API


def caller(settings: Settings, called: set[str] | None = None) -> Call:
    """`called` is filled with the operations that were called."""
    from functions import api

    noted = set() if called is None else called

    sign = signer(settings) if settings.auth == "keys" else lambda event: event

    def call(operation: str, refused: str | None = None, **request: Any) -> dict[str, Any]:
        target = {"X-Amz-Target": f"RekognitionService.{operation}"}
        event = sign(
            proxy_event({"Host": "faces", **target}, json.dumps(request, default=_in_base64))
        )
        reply = api.handler(event, CONTEXT)
        code = reply["headers"].get("x-amzn-ErrorType")
        assert code == refused, reply
        noted.add(operation)
        return dict(json.loads(reply["body"]))

    return call


def _in_base64(content: bytes) -> str:
    """The form of a picture in JSON."""
    return base64.b64encode(content).decode()


def signer(settings: Settings) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Signs with an access key, which other clients than the function's create."""
    id_, secret = access_key.new_id(), access_key.new_secret()
    sealed = Seal(boto3.client("kms"), settings.key_arn).close(id_, secret)
    keys = AccessKeyTable(boto3.resource("dynamodb").Table(settings.table_name))
    key = AccessKey(
        id=id_,
        name="door",
        operations=ALL,
        collections=ALL,
        images=ALL,
        created_at=time.time(),
        secret=sealed,
    )
    keys.add(key)

    def sign(event: dict[str, Any]) -> dict[str, Any]:
        request = AWSRequest("POST", "https://faces/v1/", event["headers"], event["body"].encode())
        SigV4Auth(Credentials(id_, secret), "rekognition", REGION).add_auth(request)
        return event | {"headers": dict(request.headers.items())}

    return sign


def play_api(settings: Settings, recorder: Recorder) -> None:
    """Every request of every specimen, in a process that starts from a snapshot."""
    called: set[str] = set()
    call = caller(settings, called)
    stage = Stage.set_up(call, boto3.client("s3"), settings.input_bucket)
    with recorder.paused():
        compact()
    for specimen in SPECIMENS.values():
        _play_specimen(specimen, stage)
    assert table.OPERATIONS.keys() == called, table.OPERATIONS.keys() - called


def _play_specimen(specimen: Specimen, stage: Stage) -> None:
    for example in specimen.examples:
        reply = stage.call(specimen.operation, **example.request(stage))
        assert example.is_right(stage, reply), (specimen.operation, reply)
    for each in specimen.plays:
        stage.call(specimen.operation, each.refused, **each.request(stage))


def _index(call: Call, here: dict[str, str], name: str) -> str:
    """The FaceId of the one face in this photo."""
    reply = call("IndexFaces", **here, Image=inline(f"{name}.jpg"), ExternalImageId="x")
    return str(reply["FaceRecords"][0]["Face"]["FaceId"])


# Photos


def play_worker(settings: Settings, recorder: Recorder) -> None:
    from functions.runtime import bootstrap

    table.call(bootstrap.service, "CreateCollection", {"CollectionId": "staff"}, ANYONE)
    first = _dropped(settings, "index/staff/obama.jpg", "obama")
    _deliver(first)
    with recorder.paused():
        compact()
    for notice in (
        first,  # a second time
        _dropped(settings, "index/staff/biden.jpg", "biden"),
        _dropped(settings, "search/staff/1.jpg", "obama2"),
        _dropped(settings, "search/staff/1.jpg", "obama2"),  # a newer version
        _dropped(settings, "search/nobody/1.jpg", "obama2"),
    ):
        _deliver(notice)
    unversioned = _dropped(settings, "search/staff/2.jpg", "obama2")
    del unversioned["Records"][0]["s3"]["object"]["versionId"]
    _deliver(unversioned)
    gone = _dropped(settings, "search/staff/gone.jpg", "obama2")
    gone["Records"][0]["s3"]["object"]["versionId"] = str(uuid.uuid4())
    _deliver(gone, fails=True)


def _deliver(notice: dict[str, Any], *, fails: bool = False) -> None:
    from functions import worker

    reply = worker.handler({"Records": [message(notice)]}, CONTEXT)
    assert bool(reply["batchItemFailures"]) == fails, reply


def _dropped(settings: Settings, key: str, name: str) -> dict[str, Any]:
    content = photo(f"{name}.jpg")
    reply = boto3.client("s3").put_object(Bucket=settings.input_bucket, Key=key, Body=content)
    found = {
        "key": key,
        "eTag": reply["ETag"].strip('"'),
        "versionId": reply["VersionId"],
        "sequencer": f"{time.time_ns():016X}",
    }
    place = {"bucket": {"name": settings.input_bucket}, "object": found}
    return {"Records": [{"eventName": "ObjectCreated:Put", "s3": place}]}


# Compaction


def play_compactor(settings: Settings, recorder: Recorder) -> None:
    with recorder.paused():
        call = caller(settings)
        here, gone = {"CollectionId": "staff"}, {"CollectionId": "gone"}
        call("CreateCollection", CollectionId="brief", Tags={RETENTION_TAG: "1"})
        for each in (here, gone):
            call("CreateCollection", **each)
            obama = _index(call, each, "obama")
            call("CreateUser", **each, UserId="ann")
            call("AssociateFaces", **each, UserId="ann", FaceIds=[obama])
    compact()
    with recorder.paused():
        call("DeleteCollection", **gone)
        _long_ago(settings)
        biden = _index(call, here, "biden")
        call("DeleteFaces", **here, FaceIds=[biden])
        _leave_behind(settings)
        _index(call, {"CollectionId": "brief"}, "obama")
        _age(settings)
    _play_a_large_one()
    compact(**here)
    compact()
    assert ask_compactor(**here, Forget={"UserId": "ann"})["Clean"]


def compact(**event: str) -> None:
    report = ask_compactor(**event)
    assert not report["Failed"], report


def ask_compactor(**event: Any) -> dict[str, Any]:
    """A compactor that has just started, and writes a snapshot even of a few faces."""
    from functions import compactor

    compactor.maintenance.cache_clear()
    return compactor.respond(event, CONTEXT, replace(compactor.maintenance(), fewest_faces=1))


def _age(settings: Settings) -> None:
    """Dates all faces back, beyond the retention of the collection `brief`."""
    items = boto3.resource("dynamodb").Table(settings.table_name)
    for item in items.scan(FilterExpression=Attr("indexed_at").exists())["Items"]:
        items.put_item(Item=item | {"indexed_at": 1})


def _long_ago(settings: Settings) -> None:
    """Dates deletions back, so that no call can still be working on the deleted collections."""
    keys = boto3.resource("dynamodb").Table(settings.table_name)
    deleted = Key(schema.PARTITION_KEY).eq(schema.erasures_partition())
    for item in keys.query(KeyConditionExpression=deleted)["Items"]:
        keys.put_item(Item=item | {"deleted_at": 0})


def _leave_behind(settings: Settings) -> None:
    """Leaves a snapshot without a collection, and an upload that was never completed."""
    s3, uid = boto3.client("s3"), uuid.uuid4()
    bucket, key = settings.snapshots_bucket, layout.snapshot_key(str(uid), 0, "0" * 24, b"none")
    s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    s3.create_multipart_upload(Bucket=bucket, Key=key)


def _play_a_large_one() -> None:
    """Uploads a snapshot in parts: a file as long as the snapshot of 50,000 faces."""
    from functions.runtime.storage import snapshots

    with tempfile.NamedTemporaryFile() as file:
        file.truncate(2 * PART_BYTES)
        now_ms = int(time.time() * 1000)
        snapshots().put(str(uuid.uuid4()), Path(file.name), watermark_ms=now_ms, mark=b"none")


# Finishing


def play_finishing(settings: Settings, recorder: Recorder) -> None:
    _finish(settings)


def play_adopting(settings: Settings, recorder: Recorder) -> None:
    """The requests for a table and a bucket that the stack adopts."""
    with recorder.paused():
        _encrypt_table(settings)
    _finish(
        settings,
        Adopted={
            "KeySchema": [schema.PARTITION_KEY, schema.SORT_KEY],
            "KeyArn": settings.key_arn,
            "ExpiresAt": schema.EXPIRES_AT,
            "BackupDays": "35",
        },
        Notify={
            "Bucket": settings.input_bucket,
            "QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:photos",
            "Prefixes": [layout.prefix(task) for task in layout.TASKS],
        },
    )


def _encrypt_table(settings: Settings) -> None:
    """Makes the table anew: moto ignores the key in an UpdateTable."""
    dynamodb = boto3.client("dynamodb")
    old = dynamodb.delete_table(TableName=settings.table_name)["TableDescription"]
    dynamodb.create_table(
        TableName=settings.table_name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=old["KeySchema"],
        AttributeDefinitions=old["AttributeDefinitions"],
        SSESpecification={
            "Enabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": settings.key_arn,
        },
    )


def _finish(settings: Settings, **properties: Any) -> None:
    from functions import finishing
    from functions.runtime import clients

    finishing.Finisher(clients.dynamodb(), clients.s3()).finish(
        {
            "RequestType": "Create",
            "ResourceProperties": {
                "TableName": settings.table_name,
                "Protected": "true",
                **properties,
            },
        }
    )


PLAYS = {
    "api": play_api,
    "worker": play_worker,
    "compactor": play_compactor,
    "finishing": play_finishing,
}
_ALL_PLAYS = PLAYS | {"adopting": play_adopting}


def main(function: str, auth: str) -> None:
    with mock_aws():
        settings = deployment(auth)
        recorder = Recorder(settings)
        _ALL_PLAYS[function](settings, recorder)
    sys.stdout.write("\n" + json.dumps(sorted(recorder.found)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
