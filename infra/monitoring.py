"""What an owner looks at, and what wakes him: a dashboard and alarms; docs/operating.md has both.

The names of our own metrics are those of `semblance.metrics`, which the code emits them by. Alarms
watch one metric each: the local cloud, which has the same stack, knows no metric math.
"""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.api import Api
from infra.config import DeploymentConfig
from infra.functions import Functions, service_name
from infra.images import ImageEvents, hidden_seconds
from semblance import metrics as ours
from semblance.metrics import Metric

PERIOD = Duration.minutes(5)
FAULTS_PERCENT = 5

_COLUMNS = 24
_HEIGHT = 6
_OPERATIONS = [
    "BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem",
]  # fmt: skip

Graph = tuple[str, Sequence[cloudwatch.IMetric]]
Row = list[cloudwatch.IWidget]


class Monitoring(Construct):
    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: DeploymentConfig,
        api: Api,
        functions: Functions,
        images: ImageEvents,
        table: dynamodb.Table,
    ) -> None:
        super().__init__(scope, id_)
        self._config = config
        self._stage = api.rest_api.deployment_stage
        self._access_log = api.access_log
        self._functions: Mapping[str, lambda_.Function] = {
            "Api": functions.api,
            "Worker": functions.worker,
        }
        self._images = images
        self._table = table
        self._topic = self._alarm_topic()
        self._watch_the_api()
        self._watch_the_photos()
        self._watch_the_table()
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=config.stack_name,
            default_interval=Duration.hours(12),
            widgets=[
                self._api_row(),
                self._api_errors_row(),
                self._photos_row(),
                self._queue_row(),
                self._table_row(),
                self._gallery_row(),
                self._functions_row(),
                self._cost_row(),
            ],
        )

    # Alarms

    def _watch_the_api(self) -> None:
        self._alarm(
            "ErrorRate",
            f"More than {FAULTS_PERCENT} % of the API's calls end in a fault of ours.",
            # API Gateway counts a 0 or a 1 for each call: the average is the share.
            self._stage.metric_server_error(period=PERIOD, statistic="Average"),
            above=FAULTS_PERCENT / 100,
            datapoints=2,
            of=3,
        )
        for name, function in self._functions.items():
            self._alarm(
                f"{name}Throttles",
                "Lambda turns calls away: the account's concurrency is used up, or what is "
                "reserved for the function.",
                function.metric_throttles(period=PERIOD, statistic="Sum"),
                above=0,
                datapoints=2,
                of=3,
            )

    def _watch_the_photos(self) -> None:
        self._alarm(
            "DeadLetters",
            "Photos that could not be worked on after three tries are waiting.",
            self._images.dead_letters.metric_approximate_number_of_messages_visible(
                period=PERIOD, statistic="Maximum"
            ),
            above=0,
        )
        self._alarm(
            "QueueAge",
            "Photos wait for longer than it takes to try one a second time.",
            self._images.queue.metric_approximate_age_of_oldest_message(
                period=PERIOD, statistic="Maximum"
            ),
            above=2 * hidden_seconds(self._config),
        )

    def _watch_the_table(self) -> None:
        for name, metric in self._table_throttles().items():
            self._alarm(
                f"Table{name}Throttles",
                f"DynamoDB turns {name.lower()}s away.",
                metric,
                above=0,
                datapoints=2,
                of=3,
            )
        # Every call reads its collection; every face is written in a transaction.
        for name, operation in {"Read": "GetItem", "Write": "TransactWriteItems"}.items():
            self._alarm(
                f"Table{name}Errors",
                "DynamoDB itself fails.",
                self._table_errors(operation),
                above=0,
                datapoints=2,
                of=3,
            )

    def _alarm(
        self,
        id_: str,
        description: str,
        metric: cloudwatch.IMetric,
        *,
        above: float,
        datapoints: int = 1,
        of: int = 1,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            id_,
            alarm_description=f"{description} What to do: docs/operating.md, {id_}.",
            metric=metric,
            threshold=above,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            datapoints_to_alarm=datapoints,
            evaluation_periods=of,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if self._topic:
            alarm.add_alarm_action(actions.SnsAction(self._topic))
            alarm.add_ok_action(actions.SnsAction(self._topic))

    def _alarm_topic(self) -> sns.ITopic | None:
        arn = self._config.alarm_topic_arn
        return None if arn == "none" else sns.Topic.from_topic_arn(self, "AlarmTopic", arn)

    # The dashboard, a row each

    def _api_row(self) -> Row:
        latency = [
            self._stage.metric_latency(period=PERIOD, statistic=statistic, label=statistic)
            for statistic in ("p50", "p95", "p99")
        ]
        return _row(
            ("API: calls", [self._by_dimension(ours.CALLS, "Api", "Sum")]),
            ("API: latency", latency),
            ("API: time of an operation, p95", [self._by_dimension(ours.DURATION, "Api", "p95")]),
        )

    def _api_errors_row(self) -> Row:
        errors = [
            self._stage.metric_client_error(period=PERIOD, statistic="Sum", label="4xx"),
            self._stage.metric_server_error(period=PERIOD, statistic="Sum", label="5xx"),
        ]
        refused = cloudwatch.LogQueryWidget(
            title="API: refused by the gateway, throttled calls among them",
            log_group_names=[self._access_log.log_group_name],
            query_lines=[
                'filter ispresent(refusal) and refusal != "-"',
                "stats count(*) as calls by refusal",
                "sort calls desc",
            ],
            view=cloudwatch.LogQueryVisualizationType.TABLE,
            width=_COLUMNS // 3,
            height=_HEIGHT,
        )
        graphs = _row(
            ("API: errors", errors),
            ("API: refused by the function", [self._by_dimension(ours.REFUSALS, "Api", "Sum")]),
            columns=2 * _COLUMNS // 3,
        )
        return [*graphs, refused]

    def _photos_row(self) -> Row:
        return _row(
            ("Faces indexed", self._by_function(ours.FACES_INDEXED, "Sum")),
            ("Faces searched", self._by_function(ours.FACES_SEARCHED, "Sum")),
            ("Photos rejected", [self._by_dimension(ours.PHOTOS_REJECTED, "Worker", "Sum")]),
            ("Photos: seconds in the queue", [self._own(ours.QUEUE_AGE, "Worker", "p95")]),
        )

    def _queue_row(self) -> Row:
        queue, dead = self._images.queue, self._images.dead_letters
        return _row(
            (
                "Queue: photos",
                [
                    queue.metric_approximate_number_of_messages_visible(period=PERIOD),
                    queue.metric_approximate_number_of_messages_not_visible(period=PERIOD),
                ],
            ),
            (
                "Queue: age of the oldest",
                [queue.metric_approximate_age_of_oldest_message(period=PERIOD)],
            ),
            ("Dead letters", [dead.metric_approximate_number_of_messages_visible(period=PERIOD)]),
        )

    def _table_row(self) -> Row:
        latency = [
            self._table.metric_successful_request_latency(
                dimensions_map={"TableName": self._table.table_name, "Operation": name},
                period=PERIOD,
                label=name,
            )
            for name in ("GetItem", "BatchGetItem", "Query", "TransactWriteItems")
        ]
        errors = [self._table_errors(name).with_(label=name) for name in _OPERATIONS]
        return _row(
            ("Table: throttled", [*self._table_throttles().values()]),
            ("Table: faults", errors),
            ("Table: latency", latency),
        )

    def _gallery_row(self) -> Row:
        return _row(
            ("Gallery: loads", self._by_function(ours.GALLERY_LOAD_TIME, "SampleCount")),
            ("Gallery: time of a load", self._by_function(ours.GALLERY_LOAD_TIME, "p95")),
            ("Gallery: faces loaded", self._by_function(ours.GALLERY_FACES, "Maximum")),
        )

    def _functions_row(self) -> Row:
        cold = [
            self._own(ours.COLD_START, name, "Sum", function.function_name)
            for name, function in self._functions.items()
        ]
        return _row(
            ("Functions: duration, p95", self._of_lambda("Duration", "p95")),
            ("Functions: at a time", self._of_lambda("ConcurrentExecutions", "Maximum")),
            (
                "Functions: errors and throttles",
                [*self._of_lambda("Errors", "Sum"), *self._of_lambda("Throttles", "Sum")],
            ),
            ("Functions: cold starts", cold),
        )

    def _cost_row(self) -> Row:
        """What the bill goes by."""
        memory = {
            "Api": self._config.api_memory_mib,
            "Worker": self._config.worker_memory_mib,
        }
        gib_seconds = [
            cloudwatch.MathExpression(
                expression=f"{name.lower()} / 1000 * {memory[name]} / 1024",
                using_metrics={
                    name.lower(): function.metric_duration(period=PERIOD, statistic="Sum")
                },
                label=name,
                period=PERIOD,
            )
            for name, function in self._functions.items()
        ]
        units = [
            self._table.metric_consumed_read_capacity_units(period=PERIOD),
            self._table.metric_consumed_write_capacity_units(period=PERIOD),
        ]
        logs = [
            cloudwatch.Metric(
                namespace="AWS/Logs",
                metric_name="IncomingBytes",
                dimensions_map={"LogGroupName": function.log_group.log_group_name},
                statistic="Sum",
                period=PERIOD,
                label=name,
            )
            for name, function in self._functions.items()
        ]
        requests = [
            self._stage.metric_count(period=PERIOD, statistic="Sum", label="API calls"),
            self._images.queue.metric_number_of_messages_sent(period=PERIOD, label="Photos"),
        ]
        return _row(
            ("Cost: GiB-seconds", gib_seconds),
            ("Cost: capacity units of the table", units),
            ("Cost: bytes logged", logs),
            ("Cost: requests", requests),
        )

    # Metrics

    def _table_throttles(self) -> dict[str, cloudwatch.Metric]:
        return {
            name: self._table.metric(f"{name}ThrottleEvents", period=PERIOD, statistic="Sum")
            for name in ("Read", "Write")
        }

    def _table_errors(self, operation: str) -> cloudwatch.Metric:
        return self._table.metric(
            "SystemErrors",
            dimensions_map={"TableName": self._table.table_name, "Operation": operation},
            period=PERIOD,
            statistic="Sum",
        )

    def _of_lambda(self, name: str, statistic: str) -> list[cloudwatch.IMetric]:
        return [
            function.metric(name, period=PERIOD, statistic=statistic, label=f"{id_} {name}")
            for id_, function in self._functions.items()
        ]

    def _by_function(self, metric: Metric, statistic: str) -> list[cloudwatch.IMetric]:
        return [self._own(metric, name, statistic) for name in self._functions]

    def _own(
        self, metric: Metric, function: str, statistic: str, value: str | None = None
    ) -> cloudwatch.Metric:
        """`value`: that of the metric's dimension, if it has one beside the service."""
        dimensions = {ours.SERVICE: service_name(self._config, function)}
        if metric.dimension is not None and value is not None:
            dimensions[metric.dimension] = value
        return cloudwatch.Metric(
            namespace=ours.NAMESPACE,
            metric_name=metric.name,
            dimensions_map=dimensions,
            statistic=statistic,
            period=PERIOD,
            label=function,
        )

    def _by_dimension(
        self, metric: Metric, function: str, statistic: str
    ) -> cloudwatch.MathExpression:
        """A line for each value that has occurred."""
        schema = ",".join([ours.NAMESPACE, *sorted(metric.dimensions)])
        service = service_name(self._config, function)
        query = f'{{{schema}}} MetricName="{metric.name}" {ours.SERVICE}="{service}"'
        return cloudwatch.MathExpression(
            expression=f"SEARCH('{query}', '{statistic}', {PERIOD.to_seconds():.0f})",
            using_metrics={},
            label="",
            period=PERIOD,
        )


def _row(*graphs: Graph, columns: int = _COLUMNS) -> Row:
    """Side by side, over the whole width unless there is more beside them."""
    return [
        cloudwatch.GraphWidget(
            title=title,
            left=list(metrics),
            width=columns // len(graphs),
            height=_HEIGHT,
            period=PERIOD,
        )
        for title, metrics in graphs
    ]
