"""The local cloud: the emulator with our stack in it, deployed by the real CDK CLI."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3

from semblance.access.caller import ALL
from tools.commands.key_store import KeyStore, Rights
from tools.local.emulator import ACCOUNT, REGION, ROOT, CloudError, Emulator, tail, without_clouds

CHECKOUT = Path(__file__).resolve().parents[2]
MODELS = CHECKOUT / ".local" / "models"
PHOTOS = CHECKOUT / ".local" / "photos"
CDK_TIMEOUT_S = 180
_OVERLAP_SECONDS = 24 * 3600
"""Shells that were told the secret before go on working."""

# Node 20 works; jsii and the SDK would each fill a screen with its end of life.
NODE_IS_FINE = {
    "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
    "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
}

Step = Callable[[str], AbstractContextManager[Any]]
"""Wraps one step of the work, to show that it is under way and how it ended."""


def silently(_: str) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Deployment:
    """Our stack in an emulator: where it answers, and clients for it."""

    emulator: Emulator
    outputs: dict[str, str]
    own_key: Mapping[str, str] = field(default_factory=dict)
    """With `auth=keys`, the variables of the key that the API is called with."""

    @property
    def api_url(self) -> str:
        """The stack's own output holds a host name under amazonaws.com; this is its local twin."""
        stage = self.outputs["ApiUrl"].rstrip("/").rpartition("/")[2]
        api_id = self.outputs["ApiId"]
        return f"{self.emulator.url}/restapis/{api_id}/{stage}/_user_request_/"

    @property
    def input_bucket(self) -> str:
        return self.outputs["InputBucket"]

    @property
    def results_bucket(self) -> str:
        return self.outputs["ResultsBucket"]

    def environment(self) -> dict[str, str]:
        """With these, any AWS SDK and the AWS CLI work unmodified."""
        return {
            **self.emulator.client_environment(),
            **self.own_key,
            "AWS_ENDPOINT_URL_REKOGNITION": self.api_url,
            "SEMBLANCE_INPUT_BUCKET": self.input_bucket,
            "SEMBLANCE_RESULTS_BUCKET": self.results_bucket,
        }

    def client(self, service: str, **options: str) -> Any:
        """A boto3 client, for the root user, or of the API with the own key, unless the options
        name another."""
        is_api = service == "rekognition"
        variables = self.own_key if is_api and self.own_key else ROOT
        usual: dict[str, Any] = {
            "endpoint_url": self.api_url if is_api else self.emulator.url,
            **self._connection(),
            **{name.lower(): value for name, value in variables.items()},
        }
        return boto3.client(service, **(usual | options))

    def with_own_key(self, name: str) -> "Deployment":
        """A key of that name that may do everything; one that is there gets a new secret."""
        root = {name.lower(): value for name, value in ROOT.items()}
        dynamodb = boto3.resource(
            "dynamodb", endpoint_url=self.emulator.url, **self._connection(), **root
        )
        store = KeyStore.of(dynamodb, self.client("kms"), self.outputs)
        known = [key for key in store.all() if key.name == name]
        if known:
            key, secret = store.rotate(known[0], _OVERLAP_SECONDS)
        else:
            key, secret = store.create(name, Rights(ALL, ALL, ALL))
        own = {"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": secret}
        return replace(self, own_key=own)

    def _connection(self) -> dict[str, Any]:
        trust = str(self.emulator.certificate.bundle) if self.emulator.iam else None
        return {"region_name": REGION, "verify": trust}


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """As a context manager: started and deployed on entry, stopped on exit."""

    emulator: Emulator
    step: Step = silently
    choices: Mapping[str, str] = field(default_factory=dict)
    """Of the deployment, besides those that a local cloud is bound to."""

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
        return self._deployment()

    def destroy(self) -> None:
        with self.step("Taking the stack down (cdk destroy)"):
            options = ["--force", "--output", str(self._assembly)]
            self._cdk("destroy", "--all", *options, *self._context(), cwd=CHECKOUT)

    def _bootstrap(self) -> None:
        with self.step("Preparing it for the CDK (cdk bootstrap)"):
            # From a directory without a cdk.json: in ours it would synthesise the stack first.
            self._cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}", cwd=self.emulator.directory)

    def _deployment(self) -> Deployment:
        """What the last deployment left."""
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
                f"What the emulator says is in {self.emulator.log}."
            )

    def _cdk_environment(self) -> dict[str, str]:
        """cdk.json says `python app.py`: the first python on the path has to be ours."""
        return {
            **without_clouds(os.environ),
            **self.emulator.client_environment(),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "true",
            **NODE_IS_FINE,
        }


def _run(command: list[str], *, cwd: Path, environment: Mapping[str, str], log: Path) -> int | None:
    """The status; None when it took too long. It never outlives this call, nor do its children."""
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
