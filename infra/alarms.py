"""CloudWatch alarms. docs/operating.md says how to respond to each.

Each watches a single metric: the same stack runs in the local cloud, which has no metric math.
"""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.photo_queue import TRIES, hidden_seconds
from infra.watched import PERIOD, Watched
from semblance.contract.metrics import AUDIT_LOST

FAULTS_PERCENT = 5


class Alarms(Construct):
    def __init__(self, scope: Construct, id_: str, *, watched: Watched) -> None:
        super().__init__(scope, id_)
        self._watched = watched
        self._topic = self._alarm_topic()
        self._watch_the_api()
        self._watch_the_audit_trail()
        self._watch_the_photos()
        self._watch_the_table()
        self._watch_the_compactor()

    def _watch_the_api(self) -> None:
        self._alarm(
            "ErrorRate",
            f"More than {FAULTS_PERCENT} % of the API's calls end in a server error.",
            # API Gateway counts a 0 or a 1 for each call: the average is the share.
            self._watched.calls("server_errors", "Average"),
            above=FAULTS_PERCENT / 100,
            datapoints=2,
            of=3,
        )
        for name, function in self._watched.searching.items():
            self._alarm(
                f"{name}Throttles",
                "Lambda rejects calls: the concurrency of the account, or the part reserved for "
                "the function, is used up.",
                function.metric_throttles(period=PERIOD, statistic="Sum"),
                above=0,
                datapoints=2,
                of=3,
            )

    def _watch_the_audit_trail(self) -> None:
        for name in self._watched.searching:
            self._alarm(
                f"{name}AuditLost",
                "The audit trail misses lines; the function's own log has them.",
                self._watched.own(AUDIT_LOST, name, "Sum"),
                above=0,
            )

    def _watch_the_photos(self) -> None:
        self._alarm(
            "DeadLetters",
            f"Photos failed {TRIES} times and wait in the dead-letter queue.",
            self._watched.photos.dead_letters.metric_approximate_number_of_messages_visible(
                period=PERIOD, statistic="Maximum"
            ),
            above=0,
        )
        self._alarm(
            "QueueAge",
            "Photos wait in the queue for longer than the second try of a photo takes.",
            self._watched.photos.queue.metric_approximate_age_of_oldest_message(
                period=PERIOD, statistic="Maximum"
            ),
            above=2 * hidden_seconds(self._watched.config),
        )

    def _watch_the_table(self) -> None:
        for name, metric in self._watched.table_throttles().items():
            self._alarm(
                f"Table{name}Throttles",
                f"DynamoDB throttles {name.lower()}s.",
                metric,
                above=0,
                datapoints=2,
                of=3,
            )
        # Every call reads its collection; every face is written in a transaction.
        for name, operation in {"Read": "GetItem", "Write": "TransactWriteItems"}.items():
            self._alarm(
                f"Table{name}Errors",
                "DynamoDB answers with server errors.",
                self._watched.table_errors(operation),
                above=0,
                datapoints=2,
                of=3,
            )

    def _watch_the_compactor(self) -> None:
        """A single failed run is no alarm: the next run continues where it stopped."""
        self._alarm(
            "CompactorErrors",
            "The compactor keeps failing: deleted faces stay in snapshots, and data of deleted "
            "collections in the table.",
            self._watched.functions["Compactor"].metric_errors(period=PERIOD, statistic="Sum"),
            above=0,
            datapoints=2,
            of=12,
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
            alarm_description=f"{description} See docs/operating.md, {id_}.",
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
        arn = self._watched.config.alarm_topic_arn
        return None if arn == "none" else sns.Topic.from_topic_arn(self, "AlarmTopic", arn)
