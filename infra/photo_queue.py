"""The queue of dropped photos: bucket -> queue -> worker, with a dead-letter queue."""

from typing import cast

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config import DeploymentConfig
from semblance.contract import layout

TRIES = 5
"""Deliveries of a photo to the worker before it goes to the dead-letter queue. AWS recommends at
least five, since deliveries that Lambda throttles count too:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""


def hidden_seconds(config: DeploymentConfig) -> int:
    """The queue's visibility timeout, as AWS recommends for a queue that feeds a function:
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
    return 6 * config.worker_timeout_seconds + config.worker_batch_window_seconds


class PhotoQueue(Construct):
    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: DeploymentConfig,
        bucket: s3.IBucket,
        worker: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, id_)
        # SQS's own encryption suffices: messages name objects but do not contain them. The bucket's
        # key would make the key, the bucket and the queue depend on each other in a circle.
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
        self._let_s3_send()
        if not config.input_bucket:
            self._notify(cast(s3.CfnBucket, bucket.node.default_child))
        worker.add_event_source_mapping(
            "Photos",
            event_source_arn=self.queue.queue_arn,
            batch_size=config.worker_batch_size,
            max_batching_window=Duration.seconds(config.worker_batch_window_seconds),
            max_concurrency=config.worker_max_concurrency,
            report_batch_item_failures=True,
        )

    def _let_s3_send(self) -> None:
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sqs:SendMessage"],
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                resources=[self.queue.queue_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )

    def _notify(self, bucket: s3.CfnBucket) -> None:
        """Sets the notifications as a property of the bucket. CDK's own way deploys one more
        function, which may change the notifications of any bucket. Its advantage, a queue policy
        that names the bucket, would be a circular dependency here, so the policy names the account;
        the worker can read the input bucket only. An adopted bucket is not in the template: its
        notifications are set by `infra/finishing.py`."""
        bucket.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            queue_configurations=[
                _notification(layout.prefix(task), self.queue) for task in layout.TASKS
            ]
        )
        # S3 sends a test message before it accepts the configuration.
        bucket.node.add_dependency(self.queue.node.find_child("Policy"))


def _notification(prefix: str, queue: sqs.Queue) -> s3.CfnBucket.QueueConfigurationProperty:
    rule = s3.CfnBucket.FilterRuleProperty(name="prefix", value=prefix)
    return s3.CfnBucket.QueueConfigurationProperty(
        event="s3:ObjectCreated:*",
        queue=queue.queue_arn,
        filter=s3.CfnBucket.NotificationFilterProperty(
            s3_key=s3.CfnBucket.S3KeyFilterProperty(rules=[rule])
        ),
    )
