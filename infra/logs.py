"""Log groups of our own, since those that AWS makes by itself keep everything for ever."""

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import DeploymentConfig


def log_group(
    scope: Construct,
    id_: str,
    *,
    config: DeploymentConfig,
    days: int | None = None,
    key: kms.IKey | None = None,
) -> logs.LogGroup:
    """Kept as long as all logs unless `days` says how long."""
    group = logs.LogGroup(
        scope, id_, removal_policy=RemovalPolicy(config.removal.upper()), encryption_key=key
    )
    # The enum of days that LogGroup takes has no way in from a number.
    template = cast(logs.CfnLogGroup, group.node.default_child)
    template.retention_in_days = days or config.log_retention_days
    return group
