"""A deployment for commands: buckets in moto, an API over HTTP, and a worker that answers."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from semblance.contract.layout import NO_FACES
from semblance.model import ids
from semblance_cli import main as cli

REGION = "eu-west-1"
INPUT, RESULTS = "photos", "results"


STACK = """<DescribeStacksResponse><DescribeStacksResult><Stacks><member>
<StackName>Faces</StackName><StackStatus>CREATE_COMPLETE</StackStatus>
<Outputs>{}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""
OUTPUT = "<member><OutputKey>{}</OutputKey><OutputValue>{}</OutputValue></member>"
NO_STACK = """<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>
<Message>Stack does not exist</Message></Error></ErrorResponse>"""


class Rekognition(ThreadingHTTPServer):
    """As much of the API as commands ask for, and CloudFormation with one stack, Faces."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.collections: dict[str, datetime] = {}
        self.faces: dict[str, list[dict[str, Any]]] = {}
        self.page = 2
        self.signer = ("testing", "execute-api")
        """Whose signatures it takes, and for which service."""
        self.throttled = 0
        """How many of the next calls it refuses, as an HTTP API does."""
        self.on_listed = lambda: None
        """Called when faces have been looked up, before the reply is sent."""
        self.outputs: dict[str, str] = {}
        self.compactor: Callable[[dict[str, Any]], dict[str, Any]] = lambda event: {}
        """Answers events for the compactor function; when it raises, the function has failed."""
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/"

    def create(self, collection: str, *, age: timedelta = timedelta(hours=1)) -> None:
        self.collections[collection] = datetime.now(UTC) - age
        self.faces[collection] = []

    def answer(self, operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.throttled:
            self.throttled -= 1
            return 429, {"message": "Too Many Requests"}
        collection = request["CollectionId"]
        if operation == "CreateCollection":
            self.create(collection, age=timedelta(0))
            return 200, {"StatusCode": 200}
        if collection not in self.collections:
            return 400, {"__type": "ResourceNotFoundException", "Message": "no such collection"}
        if operation == "DescribeCollection":
            return 200, {"CreationTimestamp": self.collections[collection].timestamp()}
        start = int(request.get("NextToken", 0))
        page = self.faces[collection][start : start + self.page]
        more = len(self.faces[collection]) > start + self.page
        self.on_listed()
        return 200, {"Faces": page, **({"NextToken": str(start + self.page)} if more else {})}


class _Handler(BaseHTTPRequestHandler):
    server: Rekognition

    def do_POST(self) -> None:
        request = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "Action=DescribeStacks" in request:
            outputs = "".join(OUTPUT.format(*each) for each in self.server.outputs.items())
            known = "StackName=Faces" in request
            self._reply(200, STACK.format(outputs)) if known else self._reply(400, NO_STACK)
            return
        if self.path.endswith("/functions/the-compactor/invocations"):
            self._invoke(json.loads(request))
            return
        signed = self.headers["Authorization"].partition("Credential=")[2].split("/")
        assert (signed[0], signed[3]) == self.server.signer
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        status, reply = self.server.answer(operation, json.loads(request))
        self._reply(status, json.dumps(reply))

    def _invoke(self, event: dict[str, Any]) -> None:
        try:
            self._reply(200, json.dumps(self.server.compactor(event)))
        except RuntimeError as error:
            self._reply(200, json.dumps({"errorMessage": str(error)}), failed="Unhandled")

    def _reply(self, status: int, text: str, failed: str | None = None) -> None:
        body = text.encode()
        self.send_response(status)
        if failed:
            self.send_header("X-Amz-Function-Error", failed)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Worker(threading.Thread):
    """Answers each photo once, by its text: `face ann bob`, `blurred`, `landscape`, `broken`,
    and `lost`, which gets no answer."""

    def __init__(self, s3: Any, api: Rekognition) -> None:
        super().__init__(daemon=True)
        self.s3, self.api = s3, api
        self.seen: list[tuple[str, str]] = []
        """Key and content of all that has been sent, in order."""
        self.idle = threading.Event()
        """While set, it takes photos and answers none."""
        self.on_photo = lambda: None
        self._known: set[tuple[str, str]] = set()
        self._pending: list[tuple[str, str, str]] = []
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.02):
            self._take()
            if not self.idle.is_set():
                pending, self._pending = self._pending, []
                for photo in pending:
                    self.deliver(*photo)

    def end(self) -> None:
        self._ended.set()
        self.join()

    def keys(self) -> list[str]:
        return sorted(key for key, _ in self.seen)

    def _take(self) -> None:
        versions = self.s3.list_object_versions(Bucket=INPUT).get("Versions", ())
        for each in sorted(versions, key=lambda each: each["LastModified"]):
            key, version = each["Key"], each["VersionId"]
            mark = (key, each["ETag"] if version == "null" else version)
            if mark in self._known:
                continue
            self._known.add(mark)
            which = {} if version == "null" else {"VersionId": version}
            content = self.s3.get_object(Bucket=INPUT, Key=key, **which)["Body"].read().decode()
            self.seen.append((key, content))
            self._pending.append((key, version, content))
            self.on_photo()

    def deliver(self, key: str, version: str, content: str) -> None:
        if content.startswith("lost"):
            return
        image = {"Bucket": INPUT, "Name": key} | ({} if version == "null" else {"Version": version})
        outcome = self._outcome(key, content)
        self.s3.put_object(
            Bucket=RESULTS, Key=f"results/{key}.json", Body=json.dumps({"Image": image, **outcome})
        )

    def _outcome(self, key: str, content: str) -> dict[str, Any]:
        task, collection, name = key.split("/", 2)
        word, *people = content.split()
        if collection not in self.api.collections:
            return _rejected("ResourceNotFoundException", "no such collection")
        if word == "broken":
            return _rejected("InvalidImageFormatException", "Request has invalid image format")
        if word == "landscape":
            return _rejected("InvalidParameterException", NO_FACES)
        unusable = [{"Reasons": ["LOW_SHARPNESS"]}] if word == "blurred" else []
        if task == "search":
            return {"Outcome": "FacesSearched", "Faces": [self._searched(p) for p in people]}
        faces = [
            {
                "FaceId": f"face of {person} in {name}",
                "ImageId": ids.image_id(content.encode()),
                "ExternalImageId": name.rpartition(".")[0],
            }
            for person in people
        ]
        self.api.faces[collection] += faces
        records = [{"Face": face} for face in faces]
        return {"Outcome": "FacesIndexed", "FaceRecords": records, "UnindexedFaces": unusable}

    def _searched(self, person: str) -> dict[str, Any]:
        faces = itertools.chain.from_iterable(self.api.faces.values())
        found = [face for face in faces if face["FaceId"].split()[2] == person]
        return {
            "BoundingBox": {"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.4},
            "Reasons": [],
            "FaceMatches": [{"Similarity": 99.5, "Face": face} for face in found],
        }


def _rejected(code: str, message: str) -> dict[str, Any]:
    return {"Outcome": "ImageRejected", "Error": {"Code": code, "Message": message}}


@pytest.fixture
def api() -> Iterator[Rekognition]:
    server = Rekognition()
    server.create("staff")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, api: Rekognition) -> Iterator[Any]:
    """The buckets, and the environment that points to them."""
    with mock_aws(
        config={"core": {"passthrough": {"services": ["cloudformation", "lambda", "rekognition"]}}}
    ):
        for name, value in {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_CLOUDFORMATION": api.url,
            "AWS_ENDPOINT_URL_LAMBDA": api.url,
            "AWS_ENDPOINT_URL_REKOGNITION": api.url,
            "SEMBLANCE_INPUT_BUCKET": INPUT,
            "SEMBLANCE_RESULTS_BUCKET": RESULTS,
            "COLUMNS": "200",
        }.items():
            monkeypatch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
            monkeypatch.delenv(name, raising=False)
        client = boto3.client("s3", region_name=REGION)
        for bucket in (INPUT, RESULTS):
            client.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
        client.put_bucket_versioning(Bucket=INPUT, VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def worker(s3: Any, api: Rekognition) -> Iterator[Worker]:
    worker = Worker(s3, api)
    worker.start()
    yield worker
    worker.end()


class Semblance:
    """The command: a call returns its status; `out` and `err` hold its output."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.out = self.err = ""

    def __call__(self, command: str, *options: str, collection: str = "staff") -> int:
        arguments = [command, str(self.folder), collection, *options]
        try:
            return cli.main(arguments)
        finally:
            self.out, self.err = self._capsys.readouterr()

    def write(self, photos: dict[str, str]) -> None:
        for name, content in photos.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)


@pytest.fixture
def semblance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Semblance:
    folder = tmp_path / "photos"
    folder.mkdir()
    return Semblance(folder, capsys)
