"""The audit trail: a log group encrypted with the deployment's key, with its own retention."""

from typing import cast

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import DeploymentConfig
from infra.logs import log_group
from infra.removal import removal_policy


class Audit(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, config: DeploymentConfig, key: kms.IKey
    ) -> None:
        super().__init__(scope, id_)
        self._removal = removal_policy(config)
        self.group = log_group(
            self, "Log", config=config, days=config.audit_retention_days, key=key
        )
        self._let_the_logs_use(key)

    def stream(self, name: str) -> list[str]:
        """Creates a log stream. Returns the resources on which a function needs PutLogEvents to
        write to it. That action alone lets it neither read, change nor delete lines. Many processes
        may write to one stream at once."""
        stream = logs.LogStream(
            self,
            name,
            log_group=self.group,
            log_stream_name=name,
            removal_policy=self._removal,
        )
        group = self.group.log_group_name
        # AWS checks the grant on the stream and ignores the group's, which the local cloud checks.
        return [self._arn(f"{group}:log-stream:{stream.log_stream_name}"), self._arn(group)]

    def _arn(self, name: str) -> str:
        return Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    def _let_the_logs_use(self, key: kms.IKey) -> None:
        """As in https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html.
        For all groups with the stack's prefix: the ARN of the group itself would be a circular
        dependency. An adopted key's policy is its owner's to change (docs/restoring.md)."""
        groups = f"{Stack.of(self).stack_name}-*"
        arn = f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:log-group:{groups}"
        key.add_to_resource_policy(
            iam.PolicyStatement(
                actions=[
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ],
                principals=[
                    iam.ServicePrincipal(f"logs.{Aws.REGION}.{Aws.URL_SUFFIX}"),
                ],
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn}},
            )
        )
        cast(logs.CfnLogGroup, self.group.node.default_child).node.add_dependency(key)
