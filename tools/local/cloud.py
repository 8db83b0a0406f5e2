"""Deploys the stack into the emulator with the real CDK CLI, and makes clients for it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import boto3

from semblance.access.caller import ALL
from semblance.contract import cors
from semblance_cli.key_store import KeyStore, Rights
from tools.checkout import CHECKOUT, MODELS
from tools.local.emulator import ACCOUNT, REGION, ROOT, CloudError, Emulator, tail, without_clouds

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_kms import KMSClient
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

CDK_TIMEOUT_S = 180
STAGES = {"REST": "v1", "HTTP": "$default"}
"""The stage of each kind of API."""

_OVERLAP_SECONDS = 24 * 3600
"""Shells that hold the old secret go on working for so long."""

# Node 20 works. Without these, jsii and the SDK each print a screen about its end of life.
NODE_IS_FINE = {
    "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
    "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
}

Step = Callable[[str], AbstractContextManager[object]]
"""Takes the title of a step and shows that the step runs and how it ended."""


def silently(_: str) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Deployment:
    """The stack in an emulator: its addresses, and clients for it."""

    emulator: Emulator
    outputs: dict[str, str]
    own_key: Mapping[str, str] = field(default_factory=dict)
    """Environment variables with the key that signs calls of the API, with `auth=keys`."""

    @property
    def api_url(self) -> str:
        """The local form of the stack's output, which holds a host name under amazonaws.com."""
        stage = STAGES[self.outputs["ApiKind"]]
        return f"{self.emulator.url}/restapis/{self.outputs['ApiId']}/{stage}/_user_request_"

    @property
    def input_bucket(self) -> str:
        return self.outputs["InputBucket"]

    @property
    def results_bucket(self) -> str:
        return self.outputs["ResultsBucket"]

    def environment(self) -> dict[str, str]:
        """Variables that point any AWS SDK and the AWS CLI to this deployment."""
        return {
            **self.emulator.client_environment(),
            **self.own_key,
            "AWS_ENDPOINT_URL_REKOGNITION": self.api_url,
            "SEMBLANCE_INPUT_BUCKET": self.input_bucket,
            "SEMBLANCE_RESULTS_BUCKET": self.results_bucket,
        }

    @overload
    def client(self, service: Literal["events"], **options: object) -> "EventBridgeClient": ...
    @overload
    def client(self, service: Literal["kms"], **options: object) -> "KMSClient": ...
    @overload
    def client(self, service: Literal["rekognition"], **options: object) -> "RekognitionClient": ...
    @overload
    def client(self, service: Literal["s3"], **options: object) -> "S3Client": ...
    @overload
    def client(self, service: Literal["sqs"], **options: object) -> "SQSClient": ...
    @overload
    def client(self, service: str, **options: object) -> Any: ...
    def client(self, service: str, **options: object) -> Any:
        """A boto3 client of the root user; `rekognition` calls the API and signs with the own key.

        `options` go to boto3 and replace those of this deployment, credentials among them."""
        if service == "rekognition":
            usual = self._connection(self.api_url, self.own_key or ROOT)
        else:
            usual = self._connection(self.emulator.url, ROOT)
        create: Callable[..., Any] = boto3.client
        return create(service, **(usual | options))

    def with_own_key(self, name: str) -> "Deployment":
        """Sign with an all-powerful key of this name; an existing one gets a new secret."""
        dynamodb = boto3.resource("dynamodb", **self._connection(self.emulator.url, ROOT))
        store = KeyStore.of(dynamodb, self.client("kms"), self.outputs)
        known = [key for key in store.all() if key.name == name]
        if known:
            key, secret = store.rotate(known[0], _OVERLAP_SECONDS)
        else:
            key, secret = store.create(name, Rights(ALL, ALL, ALL))
        own = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": secret}
        return replace(self, own_key=own)

    def _connection(self, url: str, credentials: Mapping[str, str]) -> dict[str, Any]:
        """Options of boto3; `credentials` as environment variables."""
        trust = str(self.emulator.certificate.bundle) if self.emulator.iam else None
        keys = {name.lower(): value for name, value in credentials.items()}
        return {"endpoint_url": url, "region_name": REGION, "verify": trust, **keys}


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """A context manager that starts and deploys on entry and stops on exit."""

    emulator: Emulator
    step: Step = silently
    choices: Mapping[str, str] = field(default_factory=dict)
    """Choices of `infra/config.py`, except for those that a local cloud always makes itself."""

    def __enter__(self) -> Deployment:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.emulator.stop()

    def start(self) -> Deployment:
        with self.step(f"Starting the local cloud on port {self.emulator.port}"):
            self.emulator.start()
        try:
            self._bootstrap()
            return self.deploy()
        except BaseException:
            self.emulator.stop()
            raise

    def deploy(self) -> Deployment:
        with self.step("Deploying the stack (cdk deploy)"):
            options = ["--require-approval", "never", "--progress", "events"]
            options += ["--output", str(self._assembly)]
            options += ["--outputs-file", str(self._outputs_file)]
            self._cdk("deploy", "--all", *options, *self._context(), cwd=CHECKOUT)
        deployment = self._deployment()
        if self.choices.get("cors_origins") and deployment.outputs["ApiKind"] == "HTTP":
            _set_cors(deployment, self.choices["cors_origins"].split(","))
        return deployment

    def destroy(self) -> None:
        with self.step("Taking the stack down (cdk destroy)"):
            options = ["--force", "--output", str(self._assembly)]
            self._cdk("destroy", "--all", *options, *self._context(), cwd=CHECKOUT)

    def _bootstrap(self) -> None:
        with self.step("Preparing it for the CDK (cdk bootstrap)"):
            # In a directory with a cdk.json, it would synthesise the stack first.
            self._cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}", cwd=self.emulator.directory)

    def _deployment(self) -> Deployment:
        """Read from the outputs of the last deployment."""
        (outputs,) = json.loads(self._outputs_file.read_text()).values()
        return Deployment(self.emulator, outputs)

    @property
    def _outputs_file(self) -> Path:
        return self.emulator.directory / "outputs.json"

    @property
    def _assembly(self) -> Path:
        return self.emulator.directory / "cdk.out"

    def _context(self) -> list[str]:
        usual = {"auth": "iam" if self.emulator.iam else "none"}
        bound = {"packaging": "source", "models_dir": str(MODELS)}
        choices = {**usual, **self.choices, **bound}
        return [word for name, value in choices.items() for word in ("-c", f"{name}={value}")]

    def _cdk(self, *arguments: str, cwd: Path) -> None:
        log = self.emulator.directory / f"cdk-{arguments[0]}.log"
        command = [str(CHECKOUT / "node_modules" / ".bin" / "cdk"), *arguments, "--no-notices"]
        code = _run(command, cwd=cwd, environment=self._cdk_environment(), log=log)
        if code != 0:
            how = f"failed with status {code}" if code else f"took over {CDK_TIMEOUT_S} s"
            raise CloudError(
                f"cdk {arguments[0]} {how}. The end of {log}:\n\n{tail(log)}\n\n"
                f"The log of the emulator is {self.emulator.log}."
            )

    def _cdk_environment(self) -> dict[str, str]:
        """cdk.json says `python app.py`: put this virtualenv's first on the path."""
        return {
            **without_clouds(os.environ),
            **self.emulator.client_environment(),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "true",
            **NODE_IS_FINE,
        }


def _set_cors(deployment: Deployment, origins: list[str]) -> None:
    """Again, since the emulator keeps a template's CORS under names that its gateway ignores."""
    deployment.client("apigatewayv2").update_api(
        ApiId=deployment.outputs["ApiId"],
        CorsConfiguration={
            "AllowOrigins": origins,
            "AllowMethods": list(cors.ALLOWED_METHODS),
            "AllowHeaders": list(cors.ALLOWED_HEADERS),
            "ExposeHeaders": list(cors.EXPOSED_HEADERS),
            "MaxAge": cors.MAX_AGE_SECONDS,
        },
    )


def _run(command: list[str], *, cwd: Path, environment: Mapping[str, str], log: Path) -> int | None:
    """The exit status, None after a timeout. No child process outlives this call."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        return process.wait(CDK_TIMEOUT_S)
    except BaseException as exc:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if isinstance(exc, subprocess.TimeoutExpired):
            return None
        raise
