"""The EventBridge rule that starts the compactor at intervals."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.config import DeploymentConfig


class Schedule(Construct):
    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: DeploymentConfig,
        compactor: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, id_)
        minutes = Duration.minutes(config.compaction_minutes)
        self.rule = events.Rule(self, "Rule", schedule=events.Schedule.rate(minutes))
        self.rule.add_target(targets.LambdaFunction(compactor, retry_attempts=0))
