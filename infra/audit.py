"""The audit trail: a log group under the deployment's key, kept for as long as its owner says."""

from typing import cast

from aws_cdk import ArnFormat, Aws, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import DeploymentConfig
from infra.logs import log_group


class Audit(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, config: DeploymentConfig, key: kms.Key
    ) -> None:
        super().__init__(scope, id_)
        self._removal = RemovalPolicy(config.removal.upper())
        self.group = log_group(
            self, "Log", config=config, days=config.audit_retention_days, key=key
        )
        self._let_the_logs_use(key)

    def stream(self, name: str) -> list[str]:
        """One is made here: the resources that whoever adds to it has to be granted. With
        PutLogEvents alone he can neither read nor change nor remove what is there, and a stream
        takes lines from many processes at once."""
        stream = logs.LogStream(
            self,
            name,
            log_group=self.group,
            log_stream_name=name,
            removal_policy=self._removal,
        )
        group = self.group.log_group_name
        # AWS asks for the stream, and the other is none of its resources; the local cloud asks
        # for the group.
        return [self._arn(f"{group}:log-stream:{stream.log_stream_name}"), self._arn(group)]

    def _arn(self, name: str) -> str:
        return Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    def _let_the_logs_use(self, key: kms.Key) -> None:
        """As https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        has it. By the beginning of its name: the group's own ARN would close a circle."""
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
