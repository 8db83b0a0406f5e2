"""The custom resource that is created last: it protects the table and prepares adopted resources.

A template cannot do either. With deletion protection in it, CloudFormation could not delete the
table when a first deployment fails and is rolled back. And the notifications of a bucket and the
settings of a table belong to the template that created them.
"""

from typing import Any

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config import DeploymentConfig
from infra.functions import FINISHING_TIMEOUT_SECONDS
from infra.storage import Storage
from semblance.contract import layout, schema

_ANSWER_SECONDS = 3 * FINISHING_TIMEOUT_SECONDS + 300
"""Lambda tries a function that fails without an answer twice more, one and two minutes later:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"""


class Finishing(Construct):
    """Make it last: it depends on every construct that its parent has by then."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: DeploymentConfig,
        function: lambda_.IFunction,
        storage: Storage,
        queue: sqs.IQueue,
    ) -> None:
        everything_else = list(scope.node.children)
        super().__init__(scope, id_)
        properties: dict[str, Any] = {
            "TableName": storage.table.table_name,
            "Protected": config.removal == "retain",
        }
        if config.table_name:
            properties["Adopted"] = {
                "KeySchema": [schema.PARTITION_KEY, schema.SORT_KEY],
                "KeyArn": config.key_arn,
                "ExpiresAt": schema.EXPIRES_AT,
                "BackupDays": config.backup_days,
            }
        if config.input_bucket:
            properties["Notify"] = {
                "Bucket": config.input_bucket,
                "QueueArn": queue.queue_arn,
                "Prefixes": [layout.prefix(task) for task in layout.TASKS],
            }
        resource = CustomResource(
            self,
            "Resource",
            resource_type="Custom::SemblanceFinishing",
            service_token=function.function_arn,
            service_timeout=Duration.seconds(_ANSWER_SECONDS),
            properties=properties,
        )
        resource.node.add_dependency(*everything_else)
