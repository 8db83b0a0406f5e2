"""One Lambda function for each entry point in functions/, all from one image or source bundle."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory
from typing import Any

from aws_cdk import Annotations, Duration, Size
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import packs
from infra.config import DeploymentConfig
from infra.logs import log_group
from infra.nag import acknowledge
from semblance.contract import schema
from semblance.contract.metrics import NAMESPACE
from semblance.contract.settings import Settings

ROOT = Path(__file__).parents[1]
MODELS = ROOT / ".local/models"
PYTHON = lambda_.Runtime.PYTHON_3_11
"""Must equal the Python of the lock file, the tests and the image; `tests/infra` checks it."""

FINISHING_MEMORY_MIB = 512
FINISHING_TIMEOUT_SECONDS = 300
"""Its tries end earlier, so that CloudFormation always gets an answer."""

_PLATFORMS = {
    "x86_64": (lambda_.Architecture.X86_64, ecr_assets.Platform.LINUX_AMD64),
    "arm64": (lambda_.Architecture.ARM_64, ecr_assets.Platform.LINUX_ARM64),
}


class Functions(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, config: DeploymentConfig, settings: Settings
    ) -> None:
        super().__init__(scope, id_)
        fetched = all((MODELS / file).exists() for file in packs.files(config.model_pack))
        if config.packaging == "image" and not fetched:
            Annotations.of(self).add_warning_v2(
                "semblance:weights", "There are no weights for the image: run `make fetch`."
            )
        self._config = config
        self._environment = settings.to_env() | {
            "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
            "POWERTOOLS_LOG_LEVEL": "INFO",
        }
        self.api = self._function(
            "Api",
            "functions.api.handler",
            memory_mib=config.api_memory_mib,
            storage_mib=config.api_storage_mib,
            timeout_seconds=config.api_timeout_seconds,
            reserved_concurrency=config.api_reserved_concurrency,
        )
        self.worker = self._function(
            "Worker",
            "functions.worker.handler",
            memory_mib=config.worker_memory_mib,
            storage_mib=config.worker_storage_mib,
            timeout_seconds=config.worker_timeout_seconds,
        )
        self.compactor = self._function(
            "Compactor",
            "functions.compactor.handler",
            memory_mib=config.compactor_memory_mib,
            storage_mib=config.compactor_storage_mib,
            timeout_seconds=schema.LONGEST_CALL_SECONDS,
        )
        # No retry: the next run is near and continues where a failed one stopped.
        self.compactor.configure_async_invoke(retry_attempts=0)
        self.finishing = self._function(
            "Finishing",
            "functions.finishing.handler",
            memory_mib=FINISHING_MEMORY_MIB,
            storage_mib=512,
            timeout_seconds=FINISHING_TIMEOUT_SECONDS,
        )

    @property
    def serving(self) -> list[lambda_.Function]:
        """Those that read and write what the deployment stores."""
        return [self.api, self.worker, self.compactor]

    @property
    def all(self) -> list[lambda_.Function]:
        return [*self.serving, self.finishing]

    def _function(
        self,
        id_: str,
        handler: str,
        *,
        memory_mib: int,
        storage_mib: int,
        timeout_seconds: int,
        reserved_concurrency: int = 0,
    ) -> lambda_.Function:
        architecture, platform = _PLATFORMS[self._config.architecture]
        properties: dict[str, Any] = {
            "architecture": architecture,
            "environment": self._environment
            | {"POWERTOOLS_SERVICE_NAME": service_name(self._config, id_)},
            "log_group": log_group(self, f"{id_}Log", config=self._config),
            "memory_size": memory_mib,
            "ephemeral_storage_size": Size.mebibytes(storage_mib),
            "reserved_concurrent_executions": reserved_concurrency or None,
            # Not CDK's default role, which has a managed policy for all log groups.
            "role": iam.Role(
                self, f"{id_}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")
            ),
            "timeout": Duration.seconds(timeout_seconds),
            # CDK grants two actions of X-Ray for this: the one grant that the stack does not make.
            "tracing": lambda_.Tracing.ACTIVE,
        }
        acknowledge(properties["role"], _REASONS)
        if self._config.packaging == "image":
            image = lambda_.DockerImageCode.from_image_asset(
                str(ROOT),
                file="functions/Dockerfile",
                cmd=[handler],
                platform=platform,
                build_args={"MODEL_PACK": self._config.pack_in_build},
            )
            return lambda_.DockerImageFunction(self, id_, code=image, **properties)
        with _source_bundle() as bundle:
            code = lambda_.Code.from_asset(str(bundle))
            function = lambda_.Function(
                self, id_, runtime=PYTHON, handler=handler, code=code, **properties
            )
        acknowledge(function, {"L1": "The Python that the lock is made for and the tests run on."})
        return function


def service_name(config: DeploymentConfig, id_: str) -> str:
    """Name of the function in its log and metrics, distinct from those of other deployments."""
    return f"{config.stack_name}-{id_.lower()}"


_REASONS = {"IAM5[Resource::*]": "X-Ray has no resources to restrict these actions to."}


@contextmanager
def _source_bundle() -> Iterator[Path]:
    """A directory with the packages `functions` and `semblance` side by side, as in the image."""
    not_needed = ignore_patterns("__pycache__", "Dockerfile")
    with TemporaryDirectory() as directory:
        bundle = Path(directory)
        copytree(ROOT / "functions", bundle / "functions", ignore=not_needed)
        copytree(ROOT / "layers/semblance", bundle / "semblance", ignore=not_needed)
        yield bundle
