"""The parts of a deployment and their metrics, for the dashboard and the alarms."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_

from infra.config import DeploymentConfig
from infra.functions import service_name
from infra.gateway.gateway import Gateway, Measured
from infra.photo_queue import PhotoQueue
from semblance.contract.metrics import NAMESPACE, SERVICE, Metric

PERIOD = Duration.minutes(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    config: DeploymentConfig
    gateway: Gateway
    functions: Mapping[str, lambda_.Function]
    """By their names in metrics."""
    photos: PhotoQueue
    table: dynamodb.Table

    @property
    def searching(self) -> dict[str, lambda_.Function]:
        """The functions that serve calls and photos."""
        return {name: self.functions[name] for name in ("Api", "Worker")}

    def calls(
        self, measured: Measured, statistic: str, label: str | None = None
    ) -> cloudwatch.Metric:
        return self.gateway.metric(measured, statistic).with_(period=PERIOD, label=label)

    def own(
        self, metric: Metric, function: str, statistic: str, value: str | None = None
    ) -> cloudwatch.Metric:
        """A metric that the functions emit. `value`: of its dimension besides the service, if it
        has one."""
        dimensions = {SERVICE: service_name(self.config, function)}
        if metric.dimension is not None and value is not None:
            dimensions[metric.dimension] = value
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=metric.name,
            dimensions_map=dimensions,
            statistic=statistic,
            period=PERIOD,
        )

    def table_throttles(self) -> dict[str, cloudwatch.Metric]:
        return {
            name: self.table.metric(f"{name}ThrottleEvents", period=PERIOD, statistic="Sum")
            for name in ("Read", "Write")
        }

    def table_errors(self, operation: str) -> cloudwatch.Metric:
        return self.table.metric(
            "SystemErrors",
            dimensions_map={"TableName": self.table.table_name, "Operation": operation},
            period=PERIOD,
            statistic="Sum",
        )
