"""The CloudWatch dashboard, which docs/operating.md explains.

Metric names come from `semblance.contract.metrics`, as in the functions that emit them.
"""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.functions import service_name
from infra.watched import PERIOD, Watched
from semblance.contract import metrics
from semblance.contract.metrics import Metric

_COLUMNS = 24
_HEIGHT = 6
_OPERATIONS = [
    "BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query",
    "TransactWriteItems", "UpdateItem",
]  # fmt: skip

Graph = tuple[str, Sequence[cloudwatch.IMetric]]
Row = list[cloudwatch.IWidget]


class Dashboard(Construct):
    def __init__(self, scope: Construct, id_: str, *, watched: Watched) -> None:
        super().__init__(scope, id_)
        self._watched = watched
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=watched.config.stack_name,
            default_interval=Duration.hours(12),
            widgets=[
                self._api_row(),
                self._api_errors_row(),
                self._photos_row(),
                self._queue_row(),
                self._table_row(),
                self._gallery_row(),
                self._compaction_row(),
                self._functions_row(),
                self._cost_row(),
            ],
        )

    # Rows

    def _api_row(self) -> Row:
        latency = [
            self._watched.calls("latency", statistic, statistic)
            for statistic in ("p50", "p95", "p99")
        ]
        return _row(
            ("API: calls", [self._by_dimension(metrics.CALLS, "Api", "Sum")]),
            ("API: latency", latency),
            (
                "API: time of an operation, p95",
                [self._by_dimension(metrics.DURATION, "Api", "p95")],
            ),
        )

    def _api_errors_row(self) -> Row:
        errors = [
            self._watched.calls("client_errors", "Sum", "4xx"),
            self._watched.calls("server_errors", "Sum", "5xx"),
        ]
        refused = cloudwatch.LogQueryWidget(
            title="API: refused by the gateway, throttled calls among them",
            log_group_names=[self._watched.gateway.access_log.log_group_name],
            query_lines=[
                'filter ispresent(refusal) and refusal != "-"',
                "stats count(*) as calls by refusal",
                "sort calls desc",
            ],
            view=cloudwatch.LogQueryVisualizationType.TABLE,
            width=_COLUMNS // 4,
            height=_HEIGHT,
        )
        graphs = _row(
            ("API: errors", errors),
            ("API: refused by the function", [self._by_dimension(metrics.REFUSALS, "Api", "Sum")]),
            ("Audit trail: lines not taken", self._by_function(metrics.AUDIT_LOST, "Sum")),
            columns=3 * _COLUMNS // 4,
        )
        return [*graphs, refused]

    def _photos_row(self) -> Row:
        return _row(
            ("Faces indexed", self._by_function(metrics.FACES_INDEXED, "Sum")),
            ("Faces searched", self._by_function(metrics.FACES_SEARCHED, "Sum")),
            ("Photos rejected", [self._by_dimension(metrics.PHOTOS_REJECTED, "Worker", "Sum")]),
            ("Photos: seconds in the queue", [self._own(metrics.QUEUE_AGE, "Worker", "p95")]),
        )

    def _queue_row(self) -> Row:
        queue, dead = self._watched.photos.queue, self._watched.photos.dead_letters
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
            self._watched.table.metric_successful_request_latency(
                dimensions_map={"TableName": self._watched.table.table_name, "Operation": name},
                period=PERIOD,
                label=name,
            )
            for name in ("GetItem", "BatchGetItem", "Query", "TransactWriteItems")
        ]
        errors = [self._watched.table_errors(name).with_(label=name) for name in _OPERATIONS]
        return _row(
            ("Table: throttled", [*self._watched.table_throttles().values()]),
            ("Table: faults", errors),
            ("Table: latency", latency),
        )

    def _gallery_row(self) -> Row:
        return _row(
            ("Gallery: loads", self._by_function(metrics.GALLERY_LOAD_TIME, "SampleCount")),
            ("Gallery: time of a load", self._by_function(metrics.GALLERY_LOAD_TIME, "p95")),
            ("Gallery: faces loaded", self._by_function(metrics.GALLERY_FACES, "Maximum")),
        )

    def _compaction_row(self) -> Row:
        return _row(
            (
                "Compactor: snapshots written",
                [self._own(metrics.SNAPSHOTS_WRITTEN, "Compactor", "Sum")],
            ),
            (
                "Compactor: seconds since the last visit of the longest waiting collection",
                [self._own(metrics.COMPACTION_AGE, "Compactor", "Maximum")],
            ),
            (
                "Compactor: seconds since the oldest deletion to be erased",
                [self._own(metrics.ERASURE_AGE, "Compactor", "Maximum")],
            ),
        )

    def _functions_row(self) -> Row:
        cold = [
            self._own(metrics.COLD_START, name, "Sum", function.function_name)
            for name, function in self._watched.functions.items()
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
        """The quantities that AWS bills."""
        memory = {
            "Api": self._watched.config.api_memory_mib,
            "Worker": self._watched.config.worker_memory_mib,
            "Compactor": self._watched.config.compactor_memory_mib,
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
            for name, function in self._watched.functions.items()
        ]
        units = [
            self._watched.table.metric_consumed_read_capacity_units(period=PERIOD),
            self._watched.table.metric_consumed_write_capacity_units(period=PERIOD),
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
            for name, function in self._watched.functions.items()
        ]
        requests = [
            self._watched.calls("count", "Sum", "API calls"),
            self._watched.photos.queue.metric_number_of_messages_sent(
                period=PERIOD, label="Photos"
            ),
        ]
        return _row(
            ("Cost: GiB-seconds", gib_seconds),
            ("Cost: capacity units of the table", units),
            ("Cost: bytes logged", logs),
            ("Cost: requests", requests),
        )

    # Metrics

    def _of_lambda(self, name: str, statistic: str) -> list[cloudwatch.IMetric]:
        return [
            function.metric(name, period=PERIOD, statistic=statistic, label=f"{id_} {name}")
            for id_, function in self._watched.functions.items()
        ]

    def _by_function(self, metric: Metric, statistic: str) -> list[cloudwatch.IMetric]:
        return [self._own(metric, name, statistic) for name in self._watched.searching]

    def _own(
        self, metric: Metric, function: str, statistic: str, value: str | None = None
    ) -> cloudwatch.Metric:
        return self._watched.own(metric, function, statistic, value).with_(label=function)

    def _by_dimension(
        self, metric: Metric, function: str, statistic: str
    ) -> cloudwatch.MathExpression:
        """A line for each value of the metric's dimension that has occurred."""
        schema = ",".join([metrics.NAMESPACE, *sorted(metric.dimensions)])
        service = service_name(self._watched.config, function)
        query = f'{{{schema}}} MetricName="{metric.name}" {metrics.SERVICE}="{service}"'
        return cloudwatch.MathExpression(
            expression=f"SEARCH('{query}', '{statistic}', {PERIOD.to_seconds():.0f})",
            using_metrics={},
            label="",
            period=PERIOD,
        )


def _row(*graphs: Graph, columns: int = _COLUMNS) -> Row:
    """Graphs side by side, `columns` of the dashboard's 24 wide in all."""
    return [
        cloudwatch.GraphWidget(
            title=title,
            left=list(lines),
            width=columns // len(graphs),
            height=_HEIGHT,
            period=PERIOD,
        )
        for title, lines in graphs
    ]
