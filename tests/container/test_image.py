"""The image from its Dockerfile to a reply: built as Docker would, started as Lambda does."""

import base64
import json
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.container.conftest import Client, Image, Invoke, Start
from tests.infra.synthesis import ROOT

pytestmark = [
    pytest.mark.model,
    # The emulator's own start() leaves its process running; the fixture stops it by its pid.
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
]

PHOTOS = ROOT / ".local" / "photos"
# System libraries that Debian's slim image has before any package is installed.
SYSTEM_LIBRARIES = {
    "ld-linux-aarch64", "ld-linux-x86-64", "libc", "libdl", "libgcc_s", "libm", "libpthread",
    "librt", "libstdc++", "libz",
}  # fmt: skip


def call(invoke: Invoke, operation: str, **payload: Any) -> dict[str, Any]:
    reply = invoke(proxy_event(operation, payload))
    assert reply["statusCode"] == 200, reply
    answer: dict[str, Any] = json.loads(reply["body"])
    return answer


def proxy_event(operation: str, payload: dict[str, Any]) -> dict[str, Any]:
    """The event that API Gateway makes of an SDK's request to a REST API."""
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/execute-api/"
        "aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=0",
        "Content-Type": "application/x-amz-json-1.1",
        "Host": "0123456789.execute-api.us-east-1.amazonaws.com",
        "User-Agent": "Boto3/1.43.106",
        "X-Amz-Target": f"RekognitionService.{operation}",
    }
    return {
        "resource": "/",
        "path": "/",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "0123456789",
            "httpMethod": "POST",
            "identity": {"sourceIp": "192.0.2.1", "userArn": "arn:aws:iam::000000000000:user/u"},
            "path": "/v1/",
            "protocol": "HTTP/1.1",
            "requestId": str(uuid.uuid4()),
            "resourceId": "abcdefghij",
            "resourcePath": "/",
            "stage": "v1",
        },
        "body": json.dumps(payload),
        "isBase64Encoded": False,
    }


def picture(name: str) -> dict[str, str]:
    return {"Bytes": base64.b64encode((PHOTOS / name).read_bytes()).decode()}


def test_the_api_function_finds_the_person_of_another_photo(start: Start) -> None:
    with start("api") as invoke:
        call(invoke, "CreateCollection", CollectionId="presidents")
        indexed = call(
            invoke,
            "IndexFaces",
            CollectionId="presidents",
            Image=picture("obama.jpg"),
            ExternalImageId="obama",
        )
        found = call(
            invoke,
            "SearchFacesByImage",
            CollectionId="presidents",
            Image=picture("obama2.jpg"),
        )
    (record,) = indexed["FaceRecords"]
    (match,) = found["FaceMatches"]
    assert match["Face"]["FaceId"] == record["Face"]["FaceId"]
    assert match["Face"]["ExternalImageId"] == "obama"
    assert match["Similarity"] > 99


def test_the_worker_function_leaves_a_result(start: Start, client: Client) -> None:
    key = "index/officials/obama.jpg"
    client("s3").upload_file(str(PHOTOS / "obama.jpg"), "input", key)
    with start("api") as invoke:
        call(invoke, "CreateCollection", CollectionId="officials")
    with start("worker") as invoke:
        assert invoke(_queued(key)) == {"batchItemFailures": []}
    result = json.load(client("s3").get_object(Bucket="results", Key=f"results/{key}.json")["Body"])
    assert result["Outcome"] == "FacesIndexed"
    (record,) = result["FaceRecords"]
    assert record["Face"]["ExternalImageId"] == "obama"


def _queued(key: str) -> dict[str, Any]:
    bucket = {"name": "input", "arn": "arn:aws:s3:::input"}
    notification = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": bucket, "object": {"key": key}},
    }
    message = {
        "messageId": str(uuid.uuid4()),
        "receiptHandle": "receipt",
        "body": json.dumps({"Records": [notification]}),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1790000000000"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:photos",
        "awsRegion": "us-east-1",
    }
    return {"Records": [message]}


def test_only_the_chosen_packs_weights_are_in_the_image(image: Image) -> None:
    names = {path.name for path in image.stage.path("/opt/models").iterdir()}
    models = {"yunet.onnx", "fr_landmark.onnx", "fr_eye.onnx", "fr_feature.onnx"}
    assert names == models | {"sface.onnx"}


def test_only_the_entry_points_are_in_the_task_directory(image: Image) -> None:
    task = image.stage.path("/var/task")
    sources = {str(path.relative_to(task)) for path in task.rglob("*.py")}
    code = (ROOT / "functions").rglob("*.py")
    assert sources == {str(path.relative_to(ROOT)) for path in code}
    others = {path.suffix for path in task.rglob("*") if path.is_file()} - {".py", ".pyc"}
    assert others == set()


def test_lambdas_user_may_read_everything(image: Image) -> None:
    for name in ("/opt/venv/lib", "/opt/models", "/var/task"):
        for path in image.stage.path(name).rglob("*"):
            assert path.stat().st_mode & 0o004, path


@pytest.mark.skipif(shutil.which("readelf") is None, reason="needs readelf")
def test_the_packages_need_no_system_library_that_the_base_lacks(image: Image) -> None:
    needed, brought = set(), set()
    for library in image.stage.path("/opt/venv/lib").rglob("*.so*"):
        brought.add(library.name)
        needed |= _needed(library)
    foreign = {name for name in needed - brought if name.split(".so")[0] not in SYSTEM_LIBRARIES}
    assert foreign == set()


def _needed(library: Path) -> set[str]:
    listing = subprocess.run(
        ["readelf", "--dynamic", library], capture_output=True, text=True, check=True
    ).stdout
    lines = [line for line in listing.splitlines() if "(NEEDED)" in line]
    return {line.partition("[")[2].rstrip("]") for line in lines}
