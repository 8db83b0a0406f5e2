"""Each deployment that these tests check is synthesised once."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.infra.synthesis import Template, synthesise, template_of

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"

# A deployment with no choice left at its default, but for those of EXCLUSIVE.
EVERY_CHOICE = {
    "stack_name": "Another",
    "packaging": "source",
    "architecture": "arm64",
    "auth": "none",
    "signing_paths": "/faces/",
    "domain_name": "faces.example.com",
    "certificate_arn": CERTIFICATE,
    "disable_default_endpoint": "yes",
    "source_ip_ranges": "192.0.2.0/24,2001:db8::/32",
    "cors_origins": "https://faces.example.com,http://localhost:8000",
    "gateway_log_role": "existing",
    "model_pack": "scrfd",
    "models_dir": "/srv/models",
    "image_buckets": "holiday-photos,badges.example.com",
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
# Choices that exclude some of the above.
EXCLUSIVE = {"private_vpc_endpoints": "vpce-0123456789abcdef0,vpce-11111111111111111"}
DEPLOYMENTS: dict[str, dict[str, str]] = {
    "image": {"packaging": "image"},
    "source": {"packaging": "source"},
    "every choice": EVERY_CHOICE,
    "private": EXCLUSIVE,
    "keys": {"auth": "keys", "signing_paths": "/faces/"},
    "keys in a browser": {
        "auth": "keys",
        "packaging": "source",
        "domain_name": "faces.example.com",
        "certificate_arn": CERTIFICATE,
        "disable_default_endpoint": "yes",
        "cors_origins": "https://faces.example.com,http://localhost:8000",
        "throttle_rate": "5",
        "throttle_burst": "6",
    },
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
def private(synthesised: Callable[[str], Synthesised]) -> Template:
    return synthesised("private").template


@pytest.fixture(scope="session")
def keys_in_a_browser(synthesised: Callable[[str], Synthesised]) -> Template:
    return synthesised("keys in a browser").template


@pytest.fixture(scope="session", params=list(DEPLOYMENTS))
def deployment(request: pytest.FixtureRequest, synthesised: Callable[[str], Synthesised]) -> Any:
    """Each of the deployments in turn."""
    return synthesised(request.param)
