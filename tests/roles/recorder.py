"""A deployment in moto, and a recorder of what its functions ask AWS for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

import boto3

from functions.runtime import clients
from semblance.contract.settings import Settings
from tests.roles.actions import needed
from tests.world.account import ACCOUNT, REGION, make_table
from tools.checkout import MODELS

STREAM = "semblance"
"""Of the audit trail: what POWERTOOLS_SERVICE_NAME says."""


class Recorder:
    """Listens to every client that the function makes from now on."""

    def __init__(self, settings: Settings) -> None:
        named = [field.name for field in fields(settings) if field.name != "image_buckets"]
        self._names = {getattr(settings, name): name for name in named}
        self._paused = False
        self.found: set[tuple[str, str]] = set()
        clients._session().events.register("before-parameter-build", self._note)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """While others are at work in this process."""
        self._paused = True
        yield
        self._paused = False

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if self._paused:
            return
        service = model.service_model.service_name
        for action in needed(service, model.name, params):
            self.found.add((action, self._about(service, params)))

    def _about(self, service: str, params: dict[str, Any]) -> str:
        by = {"dynamodb": "TableName", "s3": "Bucket", "logs": "logGroupName", "kms": "KeyId"}
        if service == "events":
            names = {each["EventBusName"] for each in params["Entries"]}
        elif service == "dynamodb" and "TransactItems" in params:
            parts = [part for item in params["TransactItems"] for part in item.values()]
            names = {part["TableName"] for part in parts}
        elif service == "dynamodb" and "RequestItems" in params:
            names = set(params["RequestItems"])
        else:
            names = {params[by[service]]}
        (name,) = names
        return self._names[name]


def deployment(auth: str) -> Settings:
    """What a deployment has, in moto; its settings are the environment."""
    names = {field.name: field.name.replace("_", "-") for field in fields(Settings)}
    key_arn = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    buckets = [name for field, name in names.items() if field.endswith("_bucket")]
    s3 = boto3.client("s3")
    for bucket in buckets:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    logs = boto3.client("logs")
    logs.create_log_group(logGroupName=names["audit_log_group"])
    logs.create_log_stream(logGroupName=names["audit_log_group"], logStreamName=STREAM)
    make_table(boto3.resource("dynamodb"))
    settings = Settings(
        **names
        | {
            "partition": "aws",
            "region": REGION,
            "account_id": ACCOUNT,
            "auth": auth,
            "table_name": "semblance",
            "image_buckets": names["input_bucket"],
            "event_bus": "default",
            "model_pack": "open",
            "models_dir": str(MODELS),
            "key_arn": key_arn,
            "signing_paths": "/v1/",
            "cors_origins": "",
        }
    )
    os.environ |= settings.to_env()
    return settings
