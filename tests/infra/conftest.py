"""Each deployment that these tests check is synthesised once."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.infra.synthesis import Template, synthesise, template_of

KEYS = "arn:aws:kms:eu-west-1:123456789012:key"

# A deployment with no choice left at its default, except those that it cannot have together with
# removal=destroy: ADOPTING.
EVERY_CHOICE = {
    "stack_name": "Another",
    "packaging": "source",
    "architecture": "arm64",
    "auth": "none",
    "signing_paths": "/faces/",
    "model_pack": "scrfd",
    "models_dir": "/srv/models",
    "image_buckets": "holiday-photos,badges.example.com",
    "image_keys": f"{KEYS}/0d9fb5b8-2c3c-4c67-9a0e-000000000001,"
    f"{KEYS}/mrk-0d9fb5b82c3c4c679a0e000000000002",
    "event_bus": "faces",
    "api_memory_mib": "2048",
    "api_storage_mib": "1024",
    "api_timeout_seconds": "20",
    "api_reserved_concurrency": "50",
    "worker_memory_mib": "4096",
    "worker_storage_mib": "2048",
    "worker_timeout_seconds": "300",
    "worker_batch_size": "2",
    "worker_batch_window_seconds": "20",
    "worker_max_concurrency": "3",
    "compactor_memory_mib": "5120",
    "compactor_storage_mib": "4096",
    "compaction_minutes": "5",
    "throttle_rate": "5",
    "throttle_burst": "6",
    "input_retention_days": "0",
    "results_retention_days": "1",
    "log_retention_days": "365",
    "audit_retention_days": "3653",
    "alarm_topic_arn": "arn:aws:sns:eu-west-1:123456789012:on-call",
    "backup_days": "0",
    "removal": "destroy",
}
# One that creates neither table nor bucket nor key.
ADOPTING = {
    "table_name": "Semblance-Table-of-Tuesday",
    "input_bucket": "the-old-input",
    "results_bucket": "the-old-results",
    "snapshots_bucket": "the-old-snapshots",
    "key_arn": f"{KEYS}/0d9fb5b8-2c3c-4c67-9a0e-000000000003",
}
DEPLOYMENTS: dict[str, dict[str, str]] = {
    "image": {"packaging": "image"},
    "source": {"packaging": "source"},
    "every choice": EVERY_CHOICE,
    "keys": {"auth": "keys", "signing_paths": "/,/faces/"},
    "adopting": ADOPTING,
}


class Synthesised(NamedTuple):
    directory: Path
    template: Template
    template_file: Path


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Synthesised]:
    @functools.cache
    def deployment(name: str) -> Synthesised:
        outdir = tmp_path_factory.mktemp("cdk.out")
        assembly = synthesise(outdir, **DEPLOYMENTS[name])
        return Synthesised(
            outdir, template_of(assembly), Path(assembly.stacks[0].template_full_path)
        )

    return deployment


@pytest.fixture(scope="session")
def image(synthesised: Callable[[str], Synthesised]) -> Template:
    return synthesised("image").template


@pytest.fixture(scope="session")
def source(synthesised: Callable[[str], Synthesised]) -> Template:
    return synthesised("source").template


@pytest.fixture(scope="session")
def every_choice(synthesised: Callable[[str], Synthesised]) -> Template:
    return synthesised("every choice").template


@pytest.fixture(scope="session")
def keys(synthesised: Callable[[str], Synthesised]) -> Template:
    return synthesised("keys").template


@pytest.fixture(scope="session")
def adopting(synthesised: Callable[[str], Synthesised]) -> Template:
    return synthesised("adopting").template


@pytest.fixture(scope="session", params=list(DEPLOYMENTS))
def deployment(request: pytest.FixtureRequest, synthesised: Callable[[str], Synthesised]) -> Any:
    """Each of the deployments in turn."""
    return synthesised(request.param)
