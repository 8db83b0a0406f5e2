"""Settings: the values that a deployment passes to its functions, as environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

PREFIX = "SEMBLANCE_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every field is one variable: `table_name` travels as SEMBLANCE_TABLE_NAME.

    The stack builds a Settings and hands `to_env()` to its functions; the functions read it
    back with `from_env()`. A field that one side forgets is a TypeError at synth, and a
    variable that is missing at run time a LookupError that names it.
    """

    partition: str
    region: str
    account_id: str
    auth: str
    """How callers are identified: `iam`, `keys` or `none`."""
    table_name: str
    input_bucket: str
    results_bucket: str
    snapshots_bucket: str
    image_buckets: str
    """Comma-separated names of the buckets that an `S3Object` may name."""
    event_bus: str
    audit_log_group: str
    model_pack: str
    models_dir: str
    key_arn: str
    """The ARN of the KMS key that encrypts all stored data."""
    signing_paths: str
    """Comma-separated paths that clients may sign, with `auth=keys`."""
    cors_origins: str
    """Comma-separated origins of pages whose browsers may call."""

    def to_env(self) -> dict[str, str]:
        return {variable(field.name): getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Settings":
        names = [field.name for field in fields(cls)]
        missing = [variable(name) for name in names if variable(name) not in environment]
        if missing:
            raise LookupError(f"environment variables not set: {', '.join(missing)}")
        return cls(**{name: environment[variable(name)] for name in names})

    def readable_buckets(self) -> frozenset[str]:
        return frozenset(filter(None, self.image_buckets.split(",")))

    def allowed_origins(self) -> frozenset[str]:
        return frozenset(filter(None, self.cors_origins.split(",")))

    def signed_paths(self) -> tuple[str, ...]:
        """Each with and without a slash at its end: clients differ when the endpoint URL has
        none."""
        paths = [path.rstrip("/") for path in self.signing_paths.split(",")]
        return tuple(dict.fromkeys(each for path in paths for each in (f"{path}/", path or "/")))


def variable(field_name: str) -> str:
    return PREFIX + field_name.upper()
