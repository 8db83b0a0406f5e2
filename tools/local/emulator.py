"""Starts and stops MiniStack, the AWS emulator behind the local cloud."""

import fcntl
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.request import urlopen

from tools.local.certificate import Certificate, make_certificate

HOST = "127.0.0.1"
REGION = "us-east-1"
ACCOUNT = "000000000000"
# The emulator's root user. Others are made with the IAM API.
ROOT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

RECORD = "emulator.json"
START_TIMEOUT_S = 30
# Then it is killed: it has nothing to save, and over TLS it waits forever for idle connections.
STOP_TIMEOUT_S = 2


# Popen warns when it is collected while its process runs, and `make up` leaves one running.
_started: list[subprocess.Popen[bytes]] = []


class CloudError(Exception):
    """The local cloud failed at a request; the message says how to go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emulator:
    """One emulator: its port, whether it enforces IAM, and the directory for all its files."""

    directory: Path
    port: int
    iam: bool = False

    @classmethod
    def running_in(cls, directory: Path) -> "Emulator | None":
        """The emulator that was started in this directory, if it still runs."""
        record = _record(directory)
        return cls(directory=directory, port=record.port, iam=record.iam) if record else None

    @property
    def url(self) -> str:
        """With IAM the emulator speaks TLS, because the stack's policies deny everything else."""
        return f"{'https' if self.iam else 'http'}://{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The emulator's process id. The functions are its children."""
        record = _record(self.directory)
        return record.pid if record else None

    @property
    def log(self) -> Path:
        return self.directory.with_suffix(".log")

    @property
    def certificate(self) -> Certificate:
        return Certificate(self.directory / "tls")

    def client_environment(self) -> dict[str, str]:
        """Variables that point AWS SDKs, the AWS CLI and the CDK CLI to it, as its root user."""
        return {
            **ROOT,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ENDPOINT_URL_S3": self.url,
            **self._trust(),
        }

    def start(self) -> None:
        """Return once it answers. Raises CloudError if the port is taken or it does not start."""
        require_free(self.port)
        self._scratch.mkdir(parents=True, exist_ok=True)
        if self.iam:
            make_certificate(self.certificate.directory)
        with (self.directory / RECORD).open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as exc:
                raise CloudError(
                    f"A local cloud is already running in {self.directory}. Stop it first."
                ) from exc
            file.truncate(0)
            process = self._spawn(file.fileno())
            json.dump(asdict(_Record(process.pid, self.port, self.iam)), file)
        try:
            self._await_answer(process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> bool:
        """Stop the emulator and its functions. False if it was not running."""
        record = _record(self.directory)
        if record is None:
            return False
        pid = record.pid
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while _record(self.directory) and time.monotonic() < deadline:
            time.sleep(0.05)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        for process in _started:
            if process.pid == pid:
                process.wait()
        shutil.rmtree(self._scratch, ignore_errors=True)
        return True

    @property
    def _scratch(self) -> Path:
        """The directory where it unpacks the functions."""
        return self.directory / "tmp"

    def _spawn(self, inherited: int) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                self._command(),
                env=self._environment(os.environ),
                pass_fds=[inherited],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal reaches this process alone, which stops the emulator.
                start_new_session=True,
            )
        _started.append(process)
        return process

    def _command(self) -> list[str]:
        """Run it in hypercorn, because MiniStack's own command also listens on port 443."""
        command = [sys.executable, "-m", "hypercorn", "ministack.app:app", "--workers", "0"]
        command += ["--bind", f"{HOST}:{self.port}", "--keep-alive", "75"]
        if self.iam:
            command += ["--certfile", str(self.certificate.cert)]
            command += ["--keyfile", str(self.certificate.key)]
        return command

    def _environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Its functions inherit this environment and run in this virtualenv."""
        tls = {
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(self.certificate.cert),
            "MINISTACK_SSL_KEY": str(self.certificate.key),
        }
        return {
            **without_clouds(inherited),
            **ROOT,
            **self._trust(),
            **(tls if self.iam else {}),
            "AUTH": str(self.iam).lower(),
            "GATEWAY_PORT": str(self.port),
            # Do not take port 8883 for MQTT.
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "0",
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(self._scratch),
        }

    def _trust(self) -> dict[str, str]:
        if not self.iam:
            return {}
        return {
            "AWS_CA_BUNDLE": str(self.certificate.bundle),
            "CURL_CA_BUNDLE": str(self.certificate.bundle),
            "SSL_CERT_FILE": str(self.certificate.bundle),
            "NODE_EXTRA_CA_CERTS": str(self.certificate.cert),
        }

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while process.poll() is None and time.monotonic() < deadline:
            if self._answers():
                return
            time.sleep(0.1)
        raise CloudError(f"MiniStack did not start. The end of {self.log}:\n{tail(self.log)}")

    def _answers(self) -> bool:
        context = ssl.create_default_context(cafile=self.certificate.cert) if self.iam else None
        try:
            with urlopen(f"{self.url}/_ministack/ready", timeout=5, context=context) as reply:  # noqa: S310
                return bool(reply.status == HTTPStatus.OK)
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class _Record:
    pid: int
    port: int
    iam: bool


def _record(directory: Path) -> _Record | None:
    """The record of a running emulator.

    The process id in the file may belong to another process by now. So the emulator inherits a
    lock on the file, which ends with its process: the record counts while the lock is held."""
    path = directory / RECORD
    if not path.exists():
        return None
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _Record(**json.load(file))
    return None


def without_clouds(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without the developer's own AWS account and emulator settings."""
    foreign = ("AWS_", "CDK_", "EDGE_", "LAMBDA_", "LOCALSTACK_", "MINISTACK_", "S3_", "SEMBLANCE_")
    kept = {name: value for name, value in environment.items() if not name.startswith(foreign)}
    return {
        **kept,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": f"{HOST},localhost",
    }


def require_free(port: int) -> None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as exc:
            raise CloudError(
                f"Port {port} is in use by another program. "
                f"Choose another one, for example PORT={free_port()}."
            ) from exc


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def tail(log: Path, lines: int = 25) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
