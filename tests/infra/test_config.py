from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from infra import packs
from infra.config import ConfigError, DeploymentConfig
from tests.infra.conftest import CERTIFICATE, EVERY_CHOICE, EXCLUSIVE
from tests.world.own_pack import write_own_pack


def test_defaults_are_for_an_aws_account() -> None:
    config = DeploymentConfig.from_context({})
    assert (config.packaging, config.auth, config.removal) == ("image", "iam", "retain")


def test_values_come_as_text_from_the_command_line() -> None:
    config = DeploymentConfig.from_context(
        {"api_memory_mib": "2048", "image_buckets": "one-bucket, another", "model_pack": "scrfd"}
    )
    assert config.api_memory_mib == 2048
    assert config.image_buckets == ("one-bucket", "another")
    assert config.model_pack == "scrfd"


def test_values_may_be_typed_in_cdk_json() -> None:
    config = DeploymentConfig.from_context({"throttle_rate": 7, "image_buckets": ["one-bucket"]})
    assert config.throttle_rate == 7
    assert config.image_buckets == ("one-bucket",)


def test_context_keys_of_the_cdk_are_ignored() -> None:
    context = {"aws:cdk:enable-path-metadata": True, "@aws-cdk/aws-iam:minimizePolicies": True}
    assert DeploymentConfig.from_context(context) == DeploymentConfig()


@pytest.mark.parametrize("key", ["packagin", "throttle-rate", "Auth"])
def test_an_unknown_key_is_refused_with_the_known_ones(key: str) -> None:
    with pytest.raises(ConfigError, match=f"^{key} is not known") as refused:
        DeploymentConfig.from_context({key: "x"})
    for field in fields(DeploymentConfig):
        assert field.name in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("stack_name", "9lives", "a letter, then letters, digits and hyphens"),
        ("packaging", "zip", "one of image, source"),
        ("architecture", "amd64", "one of x86_64, arm64"),
        ("auth", "key", "one of iam, keys, none"),
        ("signing_paths", "/v1/,faces", "paths such as /faces/, separated by commas"),
        ("domain_name", "https://faces.example.com", "none or a host name"),
        ("certificate_arn", "arn:aws:iam::123456789012:server-certificate/x", "none or the ARN"),
        ("disable_default_endpoint", "true", "one of no, yes"),
        ("private_vpc_endpoints", "vpc-0123456789abcdef0", "ids of VPC endpoints"),
        ("source_ip_ranges", "192.0.2.1/24", "ranges such as 192.0.2.0/24"),
        ("cors_origins", "*", "origins such as https://faces.example.com"),
        ("gateway_log_role", "none", "one of create, existing"),
        ("model_pack", "closed", "one of open, open-light, open-rfb, scrfd"),
        ("models_dir", "models", "an absolute path"),
        ("image_buckets", "good-bucket,Bad_Bucket", "bucket names, separated by commas"),
        ("event_bus", "a bus", "the name of an event bus of this account"),
        ("api_memory_mib", "512", "a whole number from 1024 to 10240"),
        ("api_storage_mib", "511", "a whole number from 512 to 10240"),
        ("api_timeout_seconds", "30", "a whole number from 3 to 29"),
        ("api_reserved_concurrency", "1001", "a whole number from 0 to 1000"),
        ("worker_memory_mib", "plenty", "a whole number from 1024 to 10240"),
        ("worker_storage_mib", "10241", "a whole number from 512 to 10240"),
        ("worker_timeout_seconds", "901", "a whole number from 10 to 900"),
        ("worker_batch_size", "11", "a whole number from 1 to 10"),
        ("worker_batch_window_seconds", "301", "a whole number from 0 to 300"),
        ("worker_max_concurrency", "1", "a whole number from 2 to 1000"),
        ("compactor_memory_mib", "512", "a whole number from 1024 to 10240"),
        ("compactor_storage_mib", "none", "a whole number from 512 to 10240"),
        ("compaction_minutes", "30", "a whole number from 1 to 20"),
        ("throttle_rate", "0", "a whole number from 1 to 10000"),
        ("throttle_burst", "1.5", "a whole number from 1 to 5000"),
        ("input_retention_days", "-1", "a whole number from 0 to 3650"),
        ("results_retention_days", "", "a whole number from 0 to 3650"),
        ("backup_days", "36", "a whole number from 0 to 35"),
        ("audit_retention_days", "0", "one of 1, 3, 5"),
        ("log_retention_days", "31", "one of 1, 3, 5, 7, 14, 30, 60"),
        ("alarm_topic_arn", "arn:aws:sqs:eu-west-1:123456789012:x", "none or the ARN of an SNS"),
        ("removal", "delete", "one of retain, destroy"),
    ],
)
def test_a_bad_value_is_refused_with_the_allowed_ones(key: str, value: str, allowed: str) -> None:
    with pytest.raises(ConfigError) as refused:
        DeploymentConfig.from_context({"packaging": "source", key: value})
    assert str(refused.value).startswith(f"{key}={value} is refused: it has to be {allowed}")


def test_every_choice_reaches_the_config() -> None:
    default = DeploymentConfig()
    chosen = [DeploymentConfig.from_context(choices) for choices in (EVERY_CHOICE, EXCLUSIVE)]
    for field in fields(DeploymentConfig):
        usual = getattr(default, field.name)
        assert any(getattr(each, field.name) != usual for each in chosen), field.name


def test_every_choice_has_a_test_of_its_refusal() -> None:
    marks = test_a_bad_value_is_refused_with_the_allowed_ones.pytestmark
    assert {case[0] for case in marks[0].args[1]} == {f.name for f in fields(DeploymentConfig)}


@pytest.mark.parametrize(
    ("choice", "hint"),
    [
        ({"auth": "none"}, "auth=none goes with packaging=source only"),
        ({"models_dir": "/srv/models"}, "models_dir goes with packaging=source only"),
    ],
)
def test_choices_for_a_local_cloud_are_refused_for_an_account(
    choice: dict[str, Any], hint: str
) -> None:
    DeploymentConfig.from_context({"packaging": "source"} | choice)
    with pytest.raises(ConfigError, match=hint):
        DeploymentConfig.from_context({"packaging": "image"} | choice)


@pytest.mark.parametrize(
    "origin",
    [
        "https://faces.example.com",
        "https://faces.example.com:8443",
        "http://localhost",
        "http://localhost:8000",
        "http://127.0.0.1:8000",
    ],
)
def test_an_origin_may_call(origin: str) -> None:
    assert DeploymentConfig.from_context({"cors_origins": origin}).cors_origins == (origin,)


@pytest.mark.parametrize(
    "origin",
    [
        "https://*.example.com",
        "https://faces.example.com/",
        "https://Faces.example.com",
        "http://faces.example.com",
        "http://localhost.example.com",
        "faces.example.com",
        "null",
        "https://faces.example.com'",
        'https://faces.example.com"',
    ],
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(ConfigError, match="it has to be origins such as"):
        DeploymentConfig.from_context({"cors_origins": origin})


DOMAIN = {"domain_name": "faces.example.com", "certificate_arn": CERTIFICATE}


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({"domain_name": "faces.example.com"}, "a custom domain needs both"),
        ({"certificate_arn": CERTIFICATE}, "a custom domain needs both"),
        ({"disable_default_endpoint": "yes"}, "the API would have no endpoint at all"),
        (EXCLUSIVE | {"auth": "keys"}, "auth=iam goes with private_vpc_endpoints"),
        (EXCLUSIVE | {"source_ip_ranges": "192.0.2.0/24"}, "security groups say"),
        (EXCLUSIVE | DOMAIN, "answers under the names of its VPC endpoints"),
        ({"source_ip_ranges": "192.0.2.0/24", "auth": "keys"}, "auth=iam goes with source_ip"),
    ],
)
def test_a_gateway_that_cannot_be_is_refused(choices: dict[str, str], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        DeploymentConfig.from_context(choices)


def test_a_batch_must_fit_into_the_workers_timeout() -> None:
    DeploymentConfig.from_context({"worker_timeout_seconds": "50", "worker_batch_size": "5"})
    with pytest.raises(ConfigError, match="worker_batch_size=5: it has to be 50 or more"):
        DeploymentConfig.from_context({"worker_timeout_seconds": "49", "worker_batch_size": "5"})


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sns:eu-west-1:123456789012:on-call",
        "arn:aws-cn:sns:cn-north-1:123456789012:on_call",
        "none",
    ],
)
def test_an_alarm_topic_may_be_of_any_partition(arn: str) -> None:
    assert DeploymentConfig.from_context({"alarm_topic_arn": arn}).alarm_topic_arn == arn


@pytest.mark.parametrize(
    "arn", ["", "on-call", "arn:aws:sns:eu-west-1:1234:x", "arn:aws:sns:eu-west-1:123456789012:a b"]
)
def test_an_arn_of_no_topic_is_refused(arn: str) -> None:
    with pytest.raises(ConfigError, match="none or the ARN of an SNS topic"):
        DeploymentConfig.from_context({"alarm_topic_arn": arn})


def test_an_owners_pack_is_named_by_its_path(tmp_path: Path) -> None:
    own = write_own_pack(tmp_path / "mine", b"weights", b"basis")
    config = DeploymentConfig(packaging="source", model_pack=str(own))
    assert config.pack_in_function == str(own.resolve())
    with pytest.raises(ConfigError, match=r"so move it to packs/NAME"):
        DeploymentConfig(model_pack=str(own))


def test_a_directory_that_is_no_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"the path of a pack that `semblance pack add` has"):
        DeploymentConfig(packaging="source", model_pack=str(tmp_path))


def test_the_image_has_an_owners_pack_at_a_place_of_its_own() -> None:
    assert packs.in_image("./packs/mine") == "packs/mine"
    assert packs.in_image("./packs/mine/deeper") == packs.in_image("/srv/mine") == ""
    assert DeploymentConfig().pack_in_function == DeploymentConfig().pack_in_build == "open"
