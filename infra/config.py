"""DeploymentConfig: all settings of a deployment. infra/choices.py says where they come from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Self, get_args, get_origin, get_type_hints

from infra import packs
from infra.allowed import LOG_RETENTION, Between, IpRanges, Like, OfPacks, OneOf, Rule

IMAGE_MODELS_DIR = "/opt/models"
"""functions/Dockerfile puts the prepared weights here, as a Lambda layer would."""

IMAGE_PACK_DIR = "/opt/pack"
"""And here an owner's pack, its manifest and its files."""

SECONDS_A_PHOTO = 10
"""Least timeout of the worker per photo of a batch: the largest photo takes this long in a cold
function."""


ADOPTABLE = ("table_name", "input_bucket", "results_bucket", "snapshots_bucket", "key_arn")
"""Settings that name an existing resource for the deployment to adopt."""


class ConfigError(ValueError):
    """A setting has a value that cannot be deployed; the message names the allowed values."""


_BUCKET = "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
_KEY_ARN = r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/(mrk-)?[0-9a-f-]{32,36}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentConfig:
    """Each field is annotated with its rule; a value that breaks it raises ConfigError at synth."""

    stack_name: Annotated[
        str, Like("[A-Za-z][A-Za-z0-9-]{0,99}", "a letter, then letters, digits and hyphens")
    ] = "Semblance"
    """Each deployment in the same account and region needs a name of its own."""

    tags: Annotated[
        tuple[str, ...],
        Like(
            "(?!aws:|semblance:)[A-Za-z0-9_.:/@+-]{1,128}=[A-Za-z0-9 _.:/=@+-]{0,256}",
            "tags such as team=security, separated by commas, without the prefixes aws: and "
            "semblance:",
        ),
    ] = ()
    """Tags of your own on every resource, beside `semblance:stack`, which holds the stack's name.
    Activate them in the billing console to see costs by tag (docs/operating.md)."""

    packaging: Annotated[str, OneOf("image", "source")] = "image"
    """`image` is a container with all dependencies, for an AWS account. `source` is the code
    without its dependencies, for a local cloud whose host provides them."""

    architecture: Annotated[str, OneOf("x86_64", "arm64")] = "x86_64"
    """arm64 costs less per second. The machine that builds the image must be able to build for
    it."""

    auth: Annotated[str, OneOf("iam", "keys", "none")] = "iam"
    """`iam`: callers sign for API Gateway with AWS credentials and need `execute-api:Invoke`.
    `keys`: any unmodified AWS client works, with an access key from `semblance keys`. `none`: no
    authentication, with `packaging=source` only. See docs/security.md."""

    signing_paths: Annotated[
        tuple[str, ...], Like("/[A-Za-z0-9._~/-]*", "paths such as /faces/, separated by commas")
    ] = ()
    """With `auth=keys`: paths that clients may sign besides `/`. List the API mapping of each
    custom domain that you add yourself, such as `/faces/`."""

    domain_name: Annotated[
        str,
        Like(
            r"none|(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
            "none or a host name such as faces.example.com",
        ),
    ] = "none"
    """Name under which clients call the API, instead of API Gateway's. Needs `certificate_arn`;
    point the name's DNS record to the stack output DomainTarget."""

    certificate_arn: Annotated[
        str,
        Like(
            r"none|arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[a-f0-9-]{36}",
            "none or the ARN of a certificate in ACM",
        ),
    ] = "none"
    """The certificate for `domain_name`, issued by ACM in this region."""

    disable_default_endpoint: Annotated[str, OneOf("no", "yes")] = "no"
    """`yes`: the API answers under `domain_name` alone, and no longer under API Gateway's name."""

    private_vpc_endpoints: Annotated[
        tuple[str, ...], Like("vpce-[0-9a-f]{8,17}", "ids of VPC endpoints, separated by commas")
    ] = ()
    """Interface endpoints for `execute-api`. If you name any, the API is private: it answers
    through them alone. With `auth=iam` only."""

    source_ip_ranges: Annotated[tuple[str, ...], IpRanges()] = ()
    """Addresses that may call; all if you name none. With `auth=iam` only."""

    cors_origins: Annotated[
        tuple[str, ...],
        Like(
            r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?|http://(localhost|127\.0\.0\.1)(:\d{1,5})?",
            "origins such as https://faces.example.com, separated by commas (http for localhost "
            "only, no path, no *)",
        ),
    ] = ()
    """Origins of web pages whose browsers may call the API and read its replies (CORS)."""

    gateway_log_role: Annotated[str, OneOf("create", "existing")] = "create"
    """With `auth=iam`, API Gateway writes the access log with a role that it keeps for the whole
    account. `create`: the stack makes one and enters it, in place of any other. `existing`: the
    account has one that may write to CloudWatch Logs."""

    model_pack: Annotated[str, OfPacks()] = "open"
    """The face models. Packs differ in accuracy, time and licence (docs/models.md); the stack
    output ModelLicence names the last. `./packs/mine` is a pack of your own
    (docs/own-embedder.md)."""

    models_dir: Annotated[str, Like("/.+", "an absolute path")] = IMAGE_MODELS_DIR
    """Directory of the prepared weights, with `packaging=source` only: the image contains its
    own."""

    image_buckets: Annotated[
        tuple[str, ...],
        Like(_BUCKET, "bucket names, separated by commas"),
    ] = ()
    """Buckets that an `S3Object` may name besides the input bucket. The function reads them for
    every caller, so list only buckets that every caller may read."""

    image_keys: Annotated[
        tuple[str, ...], Like(_KEY_ARN, "ARNs of KMS keys, separated by commas")
    ] = ()
    """The KMS keys that encrypt `image_buckets`, if they have keys of their own: the API's function
    may then decrypt with them, through S3 only. The policy of a key in another account must allow
    it, too."""

    event_bus: Annotated[
        str, Like("[A-Za-z0-9._/-]{1,256}", "the name of an event bus of this account")
    ] = "default"
    """The EventBridge bus that gets an event for each result of a dropped photo. It must exist."""

    api_memory_mib: Annotated[int, Between(1024, 10240)] = 3008
    """Memory of the API's function. It holds the collections, and CPU grows with it: 1,769 MiB are
    one core."""

    api_storage_mib: Annotated[int, Between(512, 10240)] = 512
    """Size of /tmp, where the function keeps snapshots of the collections in memory: 180 bytes a
    face of 160 numbers. 512 MiB are enough for 2.8 million faces; more costs a little."""

    api_timeout_seconds: Annotated[int, Between(3, 29)] = 29
    """API Gateway itself gives up after 29 seconds."""

    api_reserved_concurrency: Annotated[int, Between(0, 1000)] = 0
    """Concurrent calls that the account reserves for the API, which are also its maximum. With 0
    it shares the account's concurrency, which is 10 in a new account."""

    worker_memory_mib: Annotated[int, Between(1024, 10240)] = 3008
    """As api_memory_mib, for the worker."""

    worker_storage_mib: Annotated[int, Between(512, 10240)] = 512
    """As api_storage_mib, for the collections that dropped photos search or extend."""

    worker_timeout_seconds: Annotated[int, Between(10, 900)] = 120
    """Timeout for a batch, at least 10 seconds a photo. A photo whose function dies is retried
    after six times this plus the batch window."""

    worker_batch_size: Annotated[int, Between(1, 10)] = 5
    """Photos that one call of the worker takes from the queue."""

    worker_batch_window_seconds: Annotated[int, Between(0, 300)] = 0
    """Time that a call waits for its batch to fill. A longer window saves calls and delays
    results."""

    worker_max_concurrency: Annotated[int, Between(2, 1000)] = 5
    """Maximum of concurrent workers, so that a folder dropped into the bucket leaves concurrency
    for the API: 5 are half of a new account's 10."""

    compactor_memory_mib: Annotated[int, Between(1024, 10240)] = 3008
    """Memory of the compactor, which holds one collection at a time: as much as the API needs for
    your largest collection."""

    compactor_storage_mib: Annotated[int, Between(512, 10240)] = 1024
    """Size of the compactor's /tmp, which holds the last snapshot of a collection and the new one:
    360 bytes a face of your largest collection, if a face is 160 numbers."""

    compaction_minutes: Annotated[int, Between(1, 20)] = 15
    """Interval between runs of the compactor. The maximum keeps erasure of a deleted collection
    within the hour: its data is swept a last time when no call can still be writing to it."""

    throttle_rate: Annotated[int, Between(1, 10_000)] = 50
    """Calls a second. The API refuses more as throttled. Requests to other paths or with other
    methods share a limit of 1 a second."""

    throttle_burst: Annotated[int, Between(1, 5_000)] = 100
    """Calls that the API accepts at once, above that rate."""

    input_retention_days: Annotated[int, Between(0, 3650)] = 30
    """Dropped photos are deleted after this many days; 0 keeps them."""

    results_retention_days: Annotated[int, Between(0, 3650)] = 90
    """Results of dropped photos are deleted after this many days; 0 keeps them."""

    backup_days: Annotated[int, Between(0, 35)] = 35
    """You can restore the table to any time in this period, so its backups hold erased data for
    as long. 0 keeps no backups."""

    log_retention_days: Annotated[int, LOG_RETENTION] = 30
    """All logs but the audit trail are deleted after this many days."""

    audit_retention_days: Annotated[int, LOG_RETENTION] = 365
    """The audit trail is deleted after this many days, independently of other logs."""

    alarm_topic_arn: Annotated[
        str,
        Like(
            r"none|arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}",
            "none or the ARN of an SNS topic",
        ),
    ] = "none"
    """SNS topic in this region that gets a message when an alarm fires and when it is over. Its
    policy must let CloudWatch publish."""

    table_name: Annotated[str, Like(r"|[A-Za-z0-9_.-]{3,255}", "the name of a table, or empty")] = (
        ""
    )
    """An existing table to adopt, kept by `cdk destroy` or restored from a backup
    (docs/restoring.md); empty creates one. The deployment sets its TTL, backups and deletion
    protection."""

    input_bucket: Annotated[str, Like(f"|{_BUCKET}", "the name of a bucket, or empty")] = ""
    """An existing input bucket to adopt; empty creates one. Its notifications under `search/` and
    `index/` are pointed at this deployment; all else about it stays as it is."""

    results_bucket: Annotated[str, Like(f"|{_BUCKET}", "the name of a bucket, or empty")] = ""
    """An existing bucket of results to adopt; empty creates one."""

    snapshots_bucket: Annotated[str, Like(f"|{_BUCKET}", "the name of a bucket, or empty")] = ""
    """An existing bucket of snapshots to adopt; empty creates one, which the compactor fills."""

    key_arn: Annotated[str, Like(f"|{_KEY_ARN}", "the ARN of a KMS key, or empty")] = ""
    """An existing KMS key to adopt; empty creates one. It has to be the key of every table and
    bucket that you adopt, and its policy must let CloudWatch Logs use it."""

    removal: Annotated[str, OneOf("retain", "destroy")] = "retain"
    """`retain`: table, buckets, key and logs outlive the stack, and the table is protected from
    deletion. `destroy`: they are deleted with it; empty the buckets first."""

    def __post_init__(self) -> None:
        for name, rule in rules().items():
            value = getattr(self, name)
            if not rule.allows(value):
                raise ConfigError(f"{name}={shown(value)} is refused: it has to be {rule}")
        if len(self.own_tags) < len(self.tags):
            raise ConfigError(f"tags={shown(self.tags)} is refused: each key may occur once")
        if self.packaging == "image":
            self._refuse_settings_for_source()
        self._refuse_gateways_that_cannot_be()
        self._refuse_impossible_adoptions()
        if self.image_keys and not self.image_buckets:
            raise ConfigError(
                "image_keys is refused without image_buckets: they are the keys of those buckets"
            )
        least = SECONDS_A_PHOTO * self.worker_batch_size
        if self.worker_timeout_seconds < least:
            raise ConfigError(
                f"worker_timeout_seconds={self.worker_timeout_seconds} is refused with "
                f"worker_batch_size={self.worker_batch_size}: it has to be {least} or more, "
                f"{SECONDS_A_PHOTO} seconds a photo"
            )

    @property
    def adopted(self) -> dict[str, str]:
        """The existing resources that the deployment adopts, by the names of their settings."""
        return {name: getattr(self, name) for name in ADOPTABLE if getattr(self, name)}

    def _refuse_impossible_adoptions(self) -> None:
        if not self.adopted:
            return
        first = next(iter(self.adopted))
        if not self.key_arn:
            raise ConfigError(
                f"{first}={self.adopted[first]} is refused without key_arn: what you adopt is "
                "encrypted, and the functions need the KMS key to read it"
            )
        if self.removal == "destroy":
            raise ConfigError(
                f"{first}={self.adopted[first]} is refused with removal=destroy: a stack that "
                "adopts its own table or key would delete the original"
            )
        buckets = [name for setting, name in self.adopted.items() if setting.endswith("_bucket")]
        if len(set(buckets)) < len(buckets):
            raise ConfigError(
                "input_bucket, results_bucket and snapshots_bucket have to be different buckets"
            )

    def _refuse_settings_for_source(self) -> None:
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
        if packs.directory(self.model_pack) and not packs.in_image(self.model_pack):
            raise ConfigError(
                f"model_pack={self.model_pack} is refused with packaging=image: the image build "
                "takes packs from packs/ of the checkout, so move it to packs/NAME"
            )

    def _refuse_gateways_that_cannot_be(self) -> None:
        if (self.domain_name == "none") != (self.certificate_arn == "none"):
            raise ConfigError(
                f"domain_name={self.domain_name} is refused with certificate_arn="
                f"{self.certificate_arn}: a custom domain needs both, another deployment neither"
            )
        if self.disable_default_endpoint == "yes" and self.domain_name == "none":
            raise ConfigError(
                "disable_default_endpoint=yes is refused without domain_name: the API would have "
                "no endpoint at all"
            )
        if self.auth == "keys":
            self._refuse_settings_of_a_rest_api()
        if self.private_vpc_endpoints and (self.domain_name != "none" or self.source_ip_ranges):
            raise ConfigError(
                "private_vpc_endpoints is refused with domain_name and with source_ip_ranges: a "
                "private API answers under the names of its VPC endpoints, and the endpoints' "
                "security groups say which addresses reach it"
            )

    def _refuse_settings_of_a_rest_api(self) -> None:
        """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html"""
        if self.private_vpc_endpoints:
            raise ConfigError(
                "private_vpc_endpoints is refused with auth=keys: it needs an HTTP API, which AWS "
                "cannot make private. auth=iam goes with private_vpc_endpoints"
            )
        if self.source_ip_ranges:
            raise ConfigError(
                "source_ip_ranges is refused with auth=keys: it needs an HTTP API, which has no "
                "resource policy. auth=iam goes with source_ip_ranges; with keys, put CloudFront "
                "and a web ACL before the custom domain (docs/security.md)"
            )

    @property
    def own_tags(self) -> dict[str, str]:
        pairs = (tag.partition("=") for tag in self.tags)
        return {key: value for key, _, value in pairs}

    @property
    def pack_in_function(self) -> str:
        """The pack as a function names it: a directory is where it lies at run time."""
        if not packs.directory(self.model_pack):
            return self.model_pack
        return IMAGE_PACK_DIR if self.packaging == "image" else str(Path(self.model_pack).resolve())

    @property
    def pack_in_build(self) -> str:
        """The pack as the image build names it."""
        return packs.in_image(self.model_pack) or self.model_pack

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """From the CDK app's context, without the CDK's own keys (`aws:cdk:...`, `@aws-cdk/...`).
        Raises ConfigError."""
        settings = {
            key: value for key, value in context.items() if re.fullmatch("[A-Za-z0-9_-]+", key)
        }
        known = [field.name for field in fields(cls)]
        for key in settings:
            if key not in known:
                raise ConfigError(f"{key} is not known: -c takes {', '.join(known)}")
        return cls(**{key: parsed(key, value) for key, value in settings.items()})


def rules() -> dict[str, Rule]:
    """The rule of each choice, in the order of the choices."""
    hints = get_type_hints(DeploymentConfig, include_extras=True)
    return {name: get_args(hint)[1] for name, hint in hints.items()}


def parsed(name: str, value: Any) -> Any:
    """Values from the command line are text; in a file they may have a type. Raises ConfigError."""
    kind = get_args(get_type_hints(DeploymentConfig, include_extras=True)[name])[0]
    if get_origin(kind) is tuple:
        parts = value if isinstance(value, list) else str(value).split(",")
        return tuple(filter(None, (str(part).strip() for part in parts)))
    if kind is int:
        try:
            return int(str(value))
        except ValueError as exc:
            rule = rules()[name]
            raise ConfigError(f"{name}={value} is refused: it has to be {rule}") from exc
    return str(value)


def shown(value: Any) -> str:
    """The value as `-c` takes it."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
