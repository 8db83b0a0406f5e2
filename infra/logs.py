"""Log groups with a retention: those that AWS creates by default keep everything for ever."""

from typing import cast

from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import DeploymentConfig
from infra.removal import removal_policy


def log_group(
    scope: Construct,
    id_: str,
    *,
    config: DeploymentConfig,
    days: int | None = None,
    key: kms.IKey | None = None,
) -> logs.LogGroup:
    """Lines are kept for `days`, by default for `log_retention_days` of the configuration."""
    group = logs.LogGroup(scope, id_, removal_policy=removal_policy(config), encryption_key=key)
    # CDK's LogGroup takes an enum of days that cannot be made from a number.
    template = cast(logs.CfnLogGroup, group.node.default_child)
    template.retention_in_days = days or config.log_retention_days
    return group
