"""The key, the table and the buckets: encryption, backups, protection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from semblance.contract.schema import EXPIRES_AT
from semblance_cli.check.context import Context
from semblance_cli.check.findings import Check, Group, Verdict, expect, failed, ok, warning
from semblance_cli.problems import code_of

_BUCKETS = ("InputBucket", "ResultsBucket", "SnapshotsBucket")
_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def _key(context: Context) -> Iterator[Verdict]:
    key = context.outputs["KeyArn"]
    found = context.client("kms").describe_key(KeyId=key)["KeyMetadata"]
    state = found["KeyState"]
    date = found.get("DeletionDate")
    yield expect(
        state == "Enabled",
        f"{state}, deleted on {date:%Y-%m-%d}" if date else state,
        "Enabled",
        f"Without it nothing that is stored can be read. `aws kms cancel-key-deletion --key-id "
        f"{key}` and `aws kms enable-key --key-id {key}`, then find out who did it.",
    )


def _rotation(context: Context) -> Iterator[Verdict]:
    key = context.outputs["KeyArn"]
    on = context.client("kms").get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    yield expect(on, _switch(on), "on", f"`aws kms enable-key-rotation --key-id {key}`")


def _switch(on: bool) -> str:
    return "on" if on else "off"


def _table(context: Context) -> Iterator[Verdict]:
    name = context.outputs["TableName"]
    found = context.client("dynamodb").describe_table(TableName=name)["Table"]
    yield expect(
        found["TableStatus"] in ("ACTIVE", "UPDATING"),
        found["TableStatus"],
        "ACTIVE",
        "INACCESSIBLE_ENCRYPTION_CREDENTIALS means its key: see above.",
        of="state",
    )
    protected = found.get("DeletionProtectionEnabled", False)
    if protected:
        yield ok("on", of="deletion protection")
    else:
        yield warning(
            "off",
            "on, unless you have deployed with removal=destroy",
            f"`aws dynamodb update-table --deletion-protection-enabled --table-name {name}`",
            of="deletion protection",
        )


def _table_key(context: Context) -> Iterator[Verdict]:
    found = context.client("dynamodb").describe_table(TableName=context.outputs["TableName"])
    key = found["Table"].get("SSEDescription", {}).get("KMSMasterKeyArn", "")
    yield expect(
        key == context.outputs["KeyArn"],
        "the stack's" if key == context.outputs["KeyArn"] else key or "DynamoDB's own",
        "the stack's KeyArn",
        "`cdk deploy`",
    )


def _expiry(context: Context) -> Iterator[Verdict]:
    name = context.outputs["TableName"]
    found = context.client("dynamodb").describe_time_to_live(TableName=name)
    told = found["TimeToLiveDescription"]
    status, attribute = told["TimeToLiveStatus"], told.get("AttributeName", "")
    yield expect(
        status in ("ENABLED", "ENABLING") and attribute == EXPIRES_AT,
        f"{status} {attribute}".strip(),
        f"ENABLED {EXPIRES_AT}",
        "Records that should expire stay. `aws dynamodb update-time-to-live --table-name "
        f"{name} --time-to-live-specification Enabled=true,AttributeName={EXPIRES_AT}`",
    )


def _backups(context: Context) -> Iterator[Verdict]:
    name = context.outputs["TableName"]
    reply = context.client("dynamodb").describe_continuous_backups(TableName=name)
    found = reply["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    status, days = found.get("PointInTimeRecoveryStatus"), found.get("RecoveryPeriodInDays")
    if status == "ENABLED":
        yield ok(f"to any time of the last {days or 35} days")
    else:
        yield warning(
            f"{status}",
            "ENABLED, unless you have deployed with backup_days=0",
            f"`aws dynamodb update-continuous-backups --table-name {name} "
            "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`",
        )


def _public(context: Context) -> Iterator[Verdict]:
    s3 = context.client("s3")
    for bucket in _BUCKETS:
        found = _public_access_block(s3, context.outputs[bucket])
        open_ = [each for each in _BLOCKS if not found.get(each)]
        yield expect(
            not open_,
            f"open: {', '.join(open_)}" if open_ else "blocked",
            "blocked in all four ways",
            f"`aws s3api put-public-access-block --bucket {context.outputs[bucket]} "
            "--public-access-block-configuration "
            f"{','.join(f'{each}=true' for each in _BLOCKS)}`",
            of=bucket,
        )


def _public_access_block(s3: Any, bucket: str) -> dict[str, bool]:
    try:
        reply = s3.get_public_access_block(Bucket=bucket)
    except ClientError as error:
        if code_of(error) == "NoSuchPublicAccessBlockConfiguration":
            return {}
        raise
    found: dict[str, bool] = reply["PublicAccessBlockConfiguration"]
    return found


def _encrypted(context: Context) -> Iterator[Verdict]:
    s3, key = context.client("s3"), context.outputs["KeyArn"]
    for bucket in _BUCKETS:
        reply = s3.get_bucket_encryption(Bucket=context.outputs[bucket])
        (rule, *_) = reply["ServerSideEncryptionConfiguration"]["Rules"]
        told = rule["ApplyServerSideEncryptionByDefault"]
        good = told.get("KMSMasterKeyID") in (key, key.rpartition("/")[2])
        yield expect(
            good,
            f"{told['SSEAlgorithm']}, {'the key of the stack' if good else 'another key'}",
            "aws:kms with the stack's KeyArn",
            "Somebody has changed the bucket's default: put KeyArn back. Objects written meanwhile "
            "stay as they are.",
            of=bucket,
        )


def _tls(context: Context) -> Iterator[Verdict]:
    """Reads the policy: a refusal of plain HTTP proves nothing where nobody may read anyway."""
    s3 = context.client("s3")
    for bucket in _BUCKETS:
        statements = _statements(s3, context.outputs[bucket])
        good = any(
            each["Effect"] == "Deny"
            and each.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") == "false"
            for each in statements
        )
        yield expect(
            good,
            "plain HTTP is denied" if good else "plain HTTP is not denied",
            "a policy that denies it",
            "Somebody has replaced the bucket's policy: put the template's back.",
            of=bucket,
        )


def _statements(s3: Any, bucket: str) -> list[dict[str, Any]]:
    try:
        reply = s3.get_bucket_policy(Bucket=bucket)
    except ClientError as error:
        if code_of(error) == "NoSuchBucketPolicy":
            return []
        raise
    found: list[dict[str, Any]] = json.loads(reply["Policy"])["Statement"]
    return found


def _versions(context: Context) -> Iterator[Verdict]:
    s3 = context.client("s3")
    for bucket, wanted in zip(_BUCKETS, (True, False, False), strict=True):
        status = s3.get_bucket_versioning(Bucket=context.outputs[bucket]).get("Status", "never on")
        if (status == "Enabled") == wanted:
            yield ok(status, of=bucket)
        elif wanted:
            yield failed(
                status,
                "Enabled: the worker reads the version that an event names",
                f"`aws s3api put-bucket-versioning --bucket {context.outputs[bucket]} "
                "--versioning-configuration Status=Enabled`",
                of=bucket,
            )
        else:
            yield failed(
                status,
                "off: deleted objects must be gone",
                f"`aws s3api put-bucket-versioning --bucket {context.outputs[bucket]} "
                "--versioning-configuration Status=Suspended`, and delete the old versions.",
                of=bucket,
            )


GROUP = Group(
    "Key, table and buckets",
    (
        Check("kms-key", "The KMS key", _key, ("kms:DescribeKey",)),
        Check("key-rotation", "Its yearly rotation", _rotation, ("kms:GetKeyRotationStatus",)),
        Check("table", "The table", _table, ("dynamodb:DescribeTable",)),
        Check("table-key", "The table's key", _table_key, ("dynamodb:DescribeTable",), local=False),
        Check("ttl", "Expiry of items", _expiry, ("dynamodb:DescribeTimeToLive",), local=False),
        Check(
            "backups",
            "Restoring the table",
            _backups,
            ("dynamodb:DescribeContinuousBackups",),
            local=False,
        ),
        Check("public-access", "Public access", _public, ("s3:GetBucketPublicAccessBlock",)),
        Check(
            "bucket-key",
            "Encryption",
            _encrypted,
            ("s3:GetEncryptionConfiguration",),
            local=False,
        ),
        Check("tls", "TLS alone", _tls, ("s3:GetBucketPolicy",)),
        Check("versions", "Versions", _versions, ("s3:GetBucketVersioning",)),
    ),
)
