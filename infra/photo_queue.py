"""Photos dropped into a bucket: bucket -> queue -> worker, and a dead-letter queue to end in."""

from typing import cast

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config import DeploymentConfig
from semblance.contract import layout

TRIES = 3


def hidden_seconds(config: DeploymentConfig) -> int:
    """AWS's advice for a queue that feeds a function: for so long nobody else gets a message."""
    return 6 * config.worker_timeout_seconds + config.worker_batch_window_seconds


class ImageEvents(Construct):
    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: DeploymentConfig,
        bucket: s3.Bucket,
        worker: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, id_)
        # SQS's own encryption: messages name objects and show none, and the bucket's key here
        # would close a circle between the key, the bucket and the queue.
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(hidden_seconds(config)),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=TRIES),
        )
        self._notify(bucket)
        worker.add_event_source_mapping(
            "Photos",
            event_source_arn=self.queue.queue_arn,
            batch_size=config.worker_batch_size,
            max_batching_window=Duration.seconds(config.worker_batch_window_seconds),
            max_concurrency=config.worker_max_concurrency,
            report_batch_item_failures=True,
        )

    def _notify(self, bucket: s3.Bucket) -> None:
        """As a property of the bucket. CDK's own way is one more function, which may change the
        notifications of any bucket; its merit, a queue policy that names the bucket, would be a
        circle here. So the policy names the account, and the worker reads the input bucket alone.
        """
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sqs:SendMessage"],
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                resources=[self.queue.queue_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
        template = cast(s3.CfnBucket, bucket.node.default_child)
        template.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            queue_configurations=[
                _notification(layout.prefix(task), self.queue) for task in layout.TASKS
            ]
        )
        # S3 tries the queue before it takes the configuration.
        template.node.add_dependency(self.queue.node.find_child("Policy"))


def _notification(prefix: str, queue: sqs.Queue) -> s3.CfnBucket.QueueConfigurationProperty:
    rule = s3.CfnBucket.FilterRuleProperty(name="prefix", value=prefix)
    return s3.CfnBucket.QueueConfigurationProperty(
        event="s3:ObjectCreated:*",
        queue=queue.queue_arn,
        filter=s3.CfnBucket.NotificationFilterProperty(
            s3_key=s3.CfnBucket.S3KeyFilterProperty(rules=[rule])
        ),
    )
