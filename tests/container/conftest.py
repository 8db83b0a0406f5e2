"""The image, built as far as is possible without Docker, and an emulator of AWS behind it."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

import boto3
import pytest

from semblance.contract.settings import Settings
from tests.container.dockerfile import Build, Stage, interpreter, parse, python_of
from tests.container.runtime_api import RuntimeApi
from tests.infra.synthesis import ROOT, Template, resources, synthesise, template_of
from tools.local.emulator import ACCOUNT, REGION, Emulator, free_port
from tools.local.emulator import ROOT as ROOT_USER

BUILT = ROOT / ".local" / "image"
Client = Callable[[Literal["dynamodb", "logs", "s3"]], Any]


class Image(NamedTuple):
    stage: Stage
    entrypoint: list[str]
    template: Template

    def command(self, name: str) -> list[str]:
        """The command that the template gives this function."""
        found = [
            each["Properties"]["ImageConfig"]["Command"]
            for each in resources(self.template, "AWS::Lambda::Function")
        ]
        return next(command for command in found if command == [f"functions.{name}.handler"])


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Like Docker's cache, this builds again only after a change in the build context."""
    assembly = synthesise(tmp_path_factory.mktemp("cdk.out"), packaging="image")
    (context,) = Path(assembly.directory).glob("asset.*/")
    instructions = list(parse((context / "functions/Dockerfile").read_text()))
    version = python_of(instructions[0].words)
    python = interpreter(version)
    if python is None:
        pytest.skip(f"the image has Python {version}, and there is none here")
    entrypoint = next(json.loads(each.words) for each in instructions if each[0] == "ENTRYPOINT")
    with _built(Build(context, BUILT / context.suffix[1:17], python)) as stage:
        yield Image(stage, entrypoint, template_of(assembly))


@contextmanager
def _built(build: Build) -> Iterator[Stage]:
    """Runs of the tests on other versions of the code share this directory. So a build in use is
    locked, and this run removes stale builds that nobody has locked."""
    BUILT.mkdir(parents=True, exist_ok=True)
    done = build.into / "done"
    with _locked(_lock_of(build.into), fcntl.LOCK_SH):
        with _locked(BUILT / "lock", fcntl.LOCK_EX):
            for stale in {path for path in BUILT.glob("*/") if path != build.into}:
                with suppress(BlockingIOError), _locked(_lock_of(stale), _UNUSED):
                    shutil.rmtree(stale)
            if not done.exists():
                shutil.rmtree(build.into, ignore_errors=True)
                _finish(build, done)
        yield Stage(build.into / "image", workdir=done.read_text())


def _finish(build: Build, done: Path) -> None:
    build.into.mkdir()
    stage = build.run()
    for name in build.stages.keys() - {"image"}:
        shutil.rmtree(build.into / name)
    done.write_text(stage.workdir)


_UNUSED = fcntl.LOCK_EX | fcntl.LOCK_NB


def _lock_of(built: Path) -> Path:
    return built.with_name(f"{built.name}.lock")


@contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, how)
        yield


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(directory=tmp_path_factory.mktemp("emulator"), port=free_port())
    emulator.start()
    try:
        yield emulator
    finally:
        emulator.stop()


@pytest.fixture(scope="session")
def client(emulator: Emulator) -> Client:
    session = boto3.Session(
        aws_access_key_id=ROOT_USER["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ROOT_USER["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    return lambda service: session.client(service, endpoint_url=emulator.url)


@pytest.fixture(scope="session")
def settings(image: Image, client: Client) -> Settings:
    """Settings with the template's table and with buckets, all in the emulator."""
    properties = resources(image.template, "AWS::DynamoDB::Table")[0]["Properties"]
    names = ("KeySchema", "AttributeDefinitions", "BillingMode")
    table = {name: properties[name] for name in names}
    client("dynamodb").create_table(TableName="faces", **table)
    client("logs").create_log_group(logGroupName="audit")
    client("logs").create_log_stream(logGroupName="audit", logStreamName="semblance")
    for bucket in ("input", "results", "snapshots"):
        client("s3").create_bucket(Bucket=bucket)
    return Settings(
        partition="aws",
        region=REGION,
        account_id=ACCOUNT,
        auth="none",
        table_name="faces",
        input_bucket="input",
        results_bucket="results",
        snapshots_bucket="snapshots",
        image_buckets="input",
        event_bus="default",
        audit_log_group="audit",
        model_pack="open",
        models_dir=str(image.stage.path("/opt/models")),
        key_arn="",
        signing_paths="/v1/",
        cors_origins="",
    )


Invoke = Callable[[object], Any]
Start = Callable[[str], AbstractContextManager[Invoke]]


@pytest.fixture(scope="session")
def start(image: Image, settings: Settings, emulator: Emulator) -> Start:
    """Starts a function of the image, with the environment that Lambda gives it and no more."""

    @contextmanager
    def start(name: str) -> Iterator[Invoke]:
        entrypoint = [image.stage.rewritten(word) for word in image.entrypoint]
        with RuntimeApi() as runtime_api:
            environment = {
                "AWS_LAMBDA_RUNTIME_API": runtime_api.address,
                "AWS_LAMBDA_FUNCTION_NAME": name,
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008",
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_ENDPOINT_URL": emulator.url,
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "LANG": "C.UTF-8",
                "NO_PROXY": "127.0.0.1",
                "PATH": os.defpath,
                "POWERTOOLS_SERVICE_NAME": "semblance",
                **ROOT_USER,
                **settings.to_env(),
            }
            process = subprocess.Popen(
                [*entrypoint, *image.command(name)], cwd=image.stage.path("."), env=environment
            )
            try:
                yield runtime_api.invoke
            finally:
                process.kill()
                process.wait()

    return start
