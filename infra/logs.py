"""Log groups of our own, since those that AWS makes by itself keep everything for ever."""

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import DeploymentConfig


def log_group(scope: Construct, id_: str, *, config: DeploymentConfig) -> logs.LogGroup:
    group = logs.LogGroup(scope, id_, removal_policy=RemovalPolicy(config.removal.upper()))
    # The enum of days that LogGroup takes has no way in from a number.
    cast(logs.CfnLogGroup, group.node.default_child).retention_in_days = config.log_retention_days
    return group
