"""DeploymentConfig: every choice that an owner can make, as `cdk deploy -c key=value`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, Protocol, Self, get_args, get_origin, get_type_hints

from infra import packs

IMAGE_MODELS_DIR = "/opt/models"
"""Where functions/Dockerfile puts the prepared weights, and where a Lambda layer would."""


SECONDS_A_PHOTO = 10
"""What the worker must be given for each photo of a batch: the largest, met by a cold function."""


class ConfigError(ValueError):
    """A choice that cannot be deployed; the message says which can."""


class Rule(Protocol):
    def allows(self, value: Any) -> bool: ...


class OneOf:
    def __init__(self, *values: object) -> None:
        self._values = values

    def allows(self, value: Any) -> bool:
        return value in self._values

    def __str__(self) -> str:
        return "one of " + ", ".join(map(str, self._values))


class Between:
    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most

    def allows(self, value: Any) -> bool:
        return bool(self._least <= value <= self._most)

    def __str__(self) -> str:
        return f"a whole number from {self._least} to {self._most}"


class Like:
    def __init__(self, pattern: str, description: str) -> None:
        self._pattern, self._description = re.compile(pattern), description

    def allows(self, value: Any) -> bool:
        values = value if isinstance(value, tuple) else (value,)
        return all(self._pattern.fullmatch(each) for each in values)

    def __str__(self) -> str:
        return self._description


LOG_RETENTION = OneOf(
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentConfig:
    """The annotation of a field holds its rule: what breaks it is refused at synth."""

    stack_name: Annotated[
        str, Like("[A-Za-z][A-Za-z0-9-]{0,99}", "a letter, then letters, digits and hyphens")
    ] = "Semblance"
    """Several deployments in one account and region need several names."""

    packaging: Annotated[str, OneOf("image", "source")] = "image"
    """`image` is one container with all it needs, for an AWS account. `source` is our code alone,
    whose dependencies the host provides, for a local cloud."""

    architecture: Annotated[str, OneOf("x86_64", "arm64")] = "x86_64"
    """arm64 costs less per second; the machine that builds the image has to be able to build it."""

    auth: Annotated[str, OneOf("iam", "keys", "none")] = "iam"
    """`iam`: callers sign for API Gateway with AWS credentials and need `execute-api:Invoke`.
    `keys`: any AWS client, unmodified, with a key of the service's own (`semblance keys`). `none`
    lets everyone in and is for `packaging=source` only. See docs/security.md."""

    signing_paths: Annotated[
        tuple[str, ...], Like("/[A-Za-z0-9._~/-]*", "paths such as /faces/, separated by commas")
    ] = ()
    """With `auth=keys`, paths that clients may sign besides the stage's: those of custom domains,
    as their base path mappings have them (`/faces/`, or `/` when there is none)."""

    model_pack: Annotated[str, OneOf(*packs.names())] = "open"
    """Which models find the faces. The packs differ in licence: the output ModelLicence says."""

    models_dir: Annotated[str, Like("/.+", "an absolute path")] = IMAGE_MODELS_DIR
    """Where the functions find the prepared weights. The image brings its own, so this goes with
    `packaging=source` only."""

    image_buckets: Annotated[
        tuple[str, ...],
        Like("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "bucket names, separated by commas"),
    ] = ()
    """Buckets that an `S3Object` may name besides the input bucket. The function reads them for
    every caller, so list what every caller may see."""

    event_bus: Annotated[
        str, Like("[A-Za-z0-9._/-]{1,256}", "the name of an event bus of this account")
    ] = "default"
    """Where the results of dropped photos are announced. It has to exist."""

    api_memory_mib: Annotated[int, Between(1024, 10240)] = 3008
    """Collections are kept in it, and CPU grows with it: 1,769 MiB are one core."""

    api_storage_mib: Annotated[int, Between(512, 10240)] = 512
    """The function's /tmp, where snapshots of collections lie while it serves them: 180 bytes a
    face of all collections in memory. 512 are enough for 2.8 million; more costs a little."""

    api_timeout_seconds: Annotated[int, Between(3, 29)] = 29
    """API Gateway itself gives up after 29 seconds."""

    api_reserved_concurrency: Annotated[int, Between(0, 1000)] = 0
    """Calls at a time that the account keeps free for the API, and the most that it gets. 0 leaves
    it to share with all functions of the account, of which a new account may run 10 at a time."""

    worker_memory_mib: Annotated[int, Between(1024, 10240)] = 3008

    worker_storage_mib: Annotated[int, Between(512, 10240)] = 512
    """As api_storage_mib, for the collections that photos are dropped for."""

    worker_timeout_seconds: Annotated[int, Between(10, 900)] = 120
    """For a whole batch, 10 seconds a photo at the least. A photo that is lost with its function is
    tried again after six times this and the batch window."""

    worker_batch_size: Annotated[int, Between(1, 10)] = 5
    """Photos a call of the worker takes from the queue."""

    worker_batch_window_seconds: Annotated[int, Between(0, 300)] = 0
    """How long a call waits for its batch to fill: fewer calls, later results."""

    worker_max_concurrency: Annotated[int, Between(2, 1000)] = 10
    """Workers at a time, so that a folder dropped into the bucket leaves room for the API."""

    compactor_memory_mib: Annotated[int, Between(1024, 10240)] = 3008
    """The compactor takes one collection at a time into memory: give it what the largest needs, as
    much as the API."""

    compactor_storage_mib: Annotated[int, Between(512, 10240)] = 1024
    """The last snapshot of a collection and the new one lie in /tmp together: 360 bytes a face of
    the largest."""

    compaction_minutes: Annotated[int, Between(1, 20)] = 15
    """How often the compactor runs. Not less often, so that a deleted collection is erased within
    the hour: its data is swept a last time once nobody can be writing to it any more."""

    throttle_rate: Annotated[int, Between(1, 10_000)] = 50
    """Requests a second that the API takes; more are answered with ThrottlingException."""

    throttle_burst: Annotated[int, Between(1, 5_000)] = 100
    """Requests at once, above that rate."""

    input_retention_days: Annotated[int, Between(0, 3650)] = 30
    """Dropped photos are deleted after so many days; 0 keeps them."""

    results_retention_days: Annotated[int, Between(0, 3650)] = 90
    """Results of dropped photos are deleted after so many days; 0 keeps them."""

    backup_days: Annotated[int, Between(0, 35)] = 35
    """How far back the table can be restored, and so how long its backups hold what was erased
    from it. 0 keeps no backups."""

    log_retention_days: Annotated[int, LOG_RETENTION] = 30

    audit_retention_days: Annotated[int, LOG_RETENTION] = 365
    """The audit trail is kept for so many days, whatever becomes of other logs."""

    alarm_topic_arn: Annotated[
        str,
        Like(
            r"none|arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}",
            "none or the ARN of an SNS topic",
        ),
    ] = "none"
    """An SNS topic of this region that is told when an alarm fires and when it is over. It has to
    let CloudWatch publish."""

    removal: Annotated[str, OneOf("retain", "destroy")] = "retain"
    """`retain`: table, buckets, key and logs survive the stack, and the table cannot be deleted.
    `destroy`: they go with it, buckets once they are empty."""

    def __post_init__(self) -> None:
        for name, rule in _rules().items():
            value = getattr(self, name)
            if not rule.allows(value):
                raise ConfigError(f"{name}={_shown(value)} is refused: it has to be {rule}")
        if self.packaging == "image":
            self._refuse_what_only_source_may_have()
        least = SECONDS_A_PHOTO * self.worker_batch_size
        if self.worker_timeout_seconds < least:
            raise ConfigError(
                f"worker_timeout_seconds={self.worker_timeout_seconds} is refused with "
                f"worker_batch_size={self.worker_batch_size}: it has to be {least} or more, "
                f"{SECONDS_A_PHOTO} seconds a photo"
            )

    def _refuse_what_only_source_may_have(self) -> None:
        if self.auth == "none":
            raise ConfigError(
                "auth=none is refused with packaging=image: it would let everyone on the internet "
                "use the endpoint. auth=none goes with packaging=source only, auth=iam with both"
            )
        if self.models_dir != IMAGE_MODELS_DIR:
            raise ConfigError(
                f"models_dir={self.models_dir} is refused with packaging=image: the image brings "
                f"its weights in {IMAGE_MODELS_DIR}. models_dir goes with packaging=source only"
            )

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """Keys of the CDK's own (`aws:cdk:...`, `@aws-cdk/...`) are none of our business."""
        ours = {key: value for key, value in context.items() if re.fullmatch("[A-Za-z0-9_-]+", key)}
        known = [field.name for field in fields(cls)]
        for key in ours:
            if key not in known:
                raise ConfigError(f"{key} is not known: -c takes {', '.join(known)}")
        return cls(**{key: _parsed(key, value) for key, value in ours.items()})


def _rules() -> dict[str, Rule]:
    hints = get_type_hints(DeploymentConfig, include_extras=True)
    return {name: get_args(hint)[1] for name, hint in hints.items()}


def _parsed(name: str, value: Any) -> Any:
    """From the command line everything comes as text; in cdk.json it may be typed."""
    kind = get_args(get_type_hints(DeploymentConfig, include_extras=True)[name])[0]
    if get_origin(kind) is tuple:
        parts = value if isinstance(value, list) else str(value).split(",")
        return tuple(filter(None, (str(part).strip() for part in parts)))
    if kind is int:
        try:
            return int(str(value))
        except ValueError as exc:
            rule = _rules()[name]
            raise ConfigError(f"{name}={value} is refused: it has to be {rule}") from exc
    return str(value)


def _shown(value: Any) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)
