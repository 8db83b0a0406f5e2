"""Dashboard and alarms use emitted metrics only: an alarm on any other name would never fire."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from semblance.contract import metrics
from tests.infra.conftest import EVERY_CHOICE, Synthesised
from tests.infra.synthesis import ROOT, Template, resources
from tests.infra.test_photo_queue import queues
from tests.infra.test_storage import only

pytestmark = pytest.mark.infra

OPERATING = (ROOT / "docs/operating.md").read_text(encoding="utf-8")

# The metrics that AWS emits, by namespace and the dimensions used here, from
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
# aws-services-cloudwatch-metrics.html
AWS: dict[tuple[str, frozenset[str]], set[str]] = {
    ("AWS/ApiGateway", frozenset({"ApiName", "Stage"})): {
        "4XXError", "5XXError", "Count", "IntegrationLatency", "Latency",
    },
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    ("AWS/ApiGateway", frozenset({"ApiId", "Stage"})): {
        "4xx", "5xx", "Count", "DataProcessed", "IntegrationLatency", "Latency",
    },
    ("AWS/DynamoDB", frozenset({"TableName"})): {
        "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents",
        "WriteThrottleEvents",
    },
    ("AWS/DynamoDB", frozenset({"TableName", "Operation"})): {
        "SuccessfulRequestLatency", "SystemErrors", "ThrottledRequests",
    },
    ("AWS/Lambda", frozenset({"FunctionName"})): {
        "ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles",
    },
    ("AWS/Logs", frozenset({"LogGroupName"})): {"IncomingBytes"},
    ("AWS/SQS", frozenset({"QueueName"})): {
        "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent",
    },
}  # fmt: skip


class Asked(NamedTuple):
    namespace: str
    name: str
    dimensions: dict[str, Any]


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    """The alarms by their names in the code and in docs/operating.md."""
    found = {}
    for logical_id, each in template["Resources"].items():
        if each["Type"] == "AWS::CloudWatch::Alarm":
            (name,) = re.fullmatch(r"Alarms(\w+?)[0-9A-F]{8}", logical_id).groups()  # type: ignore[union-attr]
            found[name] = each["Properties"]
    return found


def watched(alarm: dict[str, Any]) -> Asked:
    dimensions = {pair["Name"]: pair["Value"] for pair in alarm["Dimensions"]}
    return Asked(alarm["Namespace"], alarm["MetricName"], dimensions)


def dashboard(template: Template) -> dict[str, Any]:
    """The dashboard, with `<logical id>` wherever CloudFormation fills in a value."""
    body = only(template, "AWS::CloudWatch::Dashboard")["Properties"]["DashboardBody"]
    parts = body["Fn::Join"][1]
    read: dict[str, Any] = json.loads("".join(p if isinstance(p, str) else _name(p) for p in parts))
    return read


def _name(part: dict[str, Any]) -> str:
    (value,) = part.values()
    return f"<{value if isinstance(value, str) else value[0]}>"


def shown(template: Template) -> Iterator[tuple[str, Asked]]:
    """The metrics of the widgets, searches included, beside the widgets' titles."""
    for widget in dashboard(template)["widgets"]:
        for line in widget["properties"].get("metrics", ()):
            if isinstance(line[0], str):
                namespace, name, *pairs = [word for word in line if isinstance(word, str)]
                dimensions = dict(zip(pairs[::2], pairs[1::2], strict=True))
                yield widget["properties"]["title"], Asked(namespace, name, dimensions)
            elif search := re.match(
                r"SEARCH\('\{(.+?)\} MetricName=\"(\w+)\" service=\"(.+?)\"'", line[0]["expression"]
            ):
                namespace, *names = search[1].split(",")
                dimensions = dict.fromkeys(names, "*") | {"service": search[3]}
                yield widget["properties"]["title"], Asked(namespace, search[2], dimensions)


def is_emitted(asked: Asked) -> bool:
    dimensions = frozenset(asked.dimensions)
    if asked.namespace == metrics.NAMESPACE:
        known = {(metric.name, metric.dimensions) for metric in metrics.METRICS}
        return (asked.name, dimensions) in known
    return asked.name in AWS[asked.namespace, dimensions]


def test_alarms_watch_emitted_metrics_only(deployment: Synthesised) -> None:
    for alarm in alarms(deployment.template).values():
        assert is_emitted(watched(alarm)), alarm


def test_the_dashboard_shows_emitted_metrics_only(deployment: Synthesised) -> None:
    for _, asked in shown(deployment.template):
        assert is_emitted(asked), asked


def test_every_metric_of_the_service_is_on_the_dashboard(image: Template) -> None:
    ours = {asked.name for _, asked in shown(image) if asked.namespace == metrics.NAMESPACE}
    assert ours == {metric.name for metric in metrics.METRICS}


def test_the_dashboard_shows_the_functions_of_its_own_stack(every_choice: Template) -> None:
    services = {
        asked.dimensions["service"]
        for _, asked in shown(every_choice)
        if asked.namespace == metrics.NAMESPACE
    }
    told = {
        each["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        for each in resources(every_choice, "AWS::Lambda::Function")
    }
    assert services == told == {"Another-api", "Another-worker", "Another-compactor"}
    name = only(every_choice, "AWS::CloudWatch::Dashboard")["Properties"]["DashboardName"]
    assert name == "Another"


def test_the_dashboard_has_a_row_for_each_concern(image: Template) -> None:
    widgets = dashboard(image)["widgets"]
    rows: dict[int, list[tuple[int, int, str]]] = {}
    for each in widgets:
        rows.setdefault(each["y"], []).append(
            (each["x"], each["width"], each["properties"]["title"])
        )
    for row in rows.values():
        assert sum(width for _, width, _ in row) == 24
        assert len({x for x, _, _ in row}) == len(row)
    firsts = [min(rows[y])[2] for y in sorted(rows)]
    assert firsts == [
        "API: calls",
        "API: errors",
        "Faces indexed",
        "Queue: photos",
        "Table: throttled",
        "Gallery: loads",
        "Compactor: snapshots written",
        "Functions: duration, p95",
        "Cost: GiB-seconds",
    ]


def test_refusals_of_the_gateway_are_counted_from_its_log(image: Template) -> None:
    (widget,) = (each for each in dashboard(image)["widgets"] if each["type"] == "log")
    (stage,) = resources(image, "AWS::ApiGateway::Stage")
    log = stage["Properties"]["AccessLogSetting"]
    asked = widget["properties"]["query"]
    (group,) = re.findall(r"^SOURCE '<(\w+)>'", asked)
    assert {"Ref": group} in log["DestinationArn"]["Fn::Join"][1]
    (field,) = re.findall(r"ispresent\((\w+)\)", asked)
    assert json.loads(log["Format"])[field] == "$context.error.responseType"


def test_memory_on_the_dashboard_is_that_of_the_functions(every_choice: Template) -> None:
    text = json.dumps(dashboard(every_choice))
    assert "api / 1000 * 2048 / 1024" in text
    assert "worker / 1000 * 4096 / 1024" in text
    assert "compactor / 1000 * 5120 / 1024" in text


def test_there_is_an_alarm_for_each_way_to_fail(image: Template) -> None:
    assert set(alarms(image)) == {
        "ApiAuditLost", "ApiThrottles", "CompactorErrors", "DeadLetters", "ErrorRate", "QueueAge",
        "TableReadErrors", "TableReadThrottles", "TableWriteErrors", "TableWriteThrottles",
        "WorkerAuditLost",
        "WorkerThrottles",
    }  # fmt: skip


def test_every_alarm_has_its_paragraph_in_the_runbook(image: Template) -> None:
    section = OPERATING.partition("## Alarms")[2].partition("\n## ")[0]
    headings = re.findall(r"^### (.+)$", section, re.MULTILINE)
    assert {name for heading in headings for name in heading.split(", ")} == set(alarms(image))
    for name, alarm in alarms(image).items():
        assert alarm["AlarmDescription"].endswith(f"docs/operating.md, {name}.")


def test_missing_data_raises_no_alarm(image: Template) -> None:
    """Most of these metrics exist only while there is activity."""
    assert {alarm["TreatMissingData"] for alarm in alarms(image).values()} == {"notBreaching"}


def test_one_dead_letter_raises_the_alarm(image: Template) -> None:
    _, (name, _) = queues(image)
    alarm = alarms(image)["DeadLetters"]
    assert watched(alarm) == Asked(
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        {"QueueName": {"Fn::GetAtt": [name, "QueueName"]}},
    )
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)
    assert (alarm["Statistic"], alarm["EvaluationPeriods"]) == ("Maximum", 1)


def test_one_period_of_faults_among_few_calls_raises_no_alarm(image: Template) -> None:
    """5XXError is 0 or 1 for each call, so its average is the share of calls that failed."""
    alarm = alarms(image)["ErrorRate"]
    assert watched(alarm).name == "5XXError"
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Average", 0.05)
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (2, 3)


@pytest.mark.parametrize("name", ["image", "every_choice"])
def test_the_age_of_a_photo_raises_an_alarm_only_after_a_second_try(
    name: str, request: pytest.FixtureRequest
) -> None:
    template = request.getfixturevalue(name)
    (queue_name, queue), _ = queues(template)
    alarm = alarms(template)["QueueAge"]
    assert watched(alarm).dimensions == {"QueueName": {"Fn::GetAtt": [queue_name, "QueueName"]}}
    assert alarm["Threshold"] == 2 * queue["Properties"]["VisibilityTimeout"]


def test_throttles_of_each_function_are_watched(image: Template) -> None:
    for name in ("Api", "Worker"):
        asked = watched(alarms(image)[f"{name}Throttles"])
        function = image["Outputs"][f"{name}Function"]["Value"]
        assert (asked.name, asked.dimensions) == ("Throttles", {"FunctionName": function})


def test_a_compactor_that_fails_twice_in_an_hour_raises_the_alarm(image: Template) -> None:
    alarm = alarms(image)["CompactorErrors"]
    function = image["Outputs"]["CompactorFunction"]["Value"]
    assert watched(alarm) == Asked("AWS/Lambda", "Errors", {"FunctionName": function})
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"], alarm["Period"]) == (2, 12, 300)


def test_reads_and_writes_of_the_table_are_watched(image: Template) -> None:
    (table,) = (n for n, r in image["Resources"].items() if r["Type"] == "AWS::DynamoDB::Table")
    of_the_table = {"TableName": {"Ref": table}}
    found = {name: watched(alarm) for name, alarm in alarms(image).items() if "Table" in name}
    assert found == {
        "TableReadThrottles": Asked("AWS/DynamoDB", "ReadThrottleEvents", of_the_table),
        "TableWriteThrottles": Asked("AWS/DynamoDB", "WriteThrottleEvents", of_the_table),
        "TableReadErrors": Asked(
            "AWS/DynamoDB", "SystemErrors", of_the_table | {"Operation": "GetItem"}
        ),
        "TableWriteErrors": Asked(
            "AWS/DynamoDB", "SystemErrors", of_the_table | {"Operation": "TransactWriteItems"}
        ),
    }


def test_the_dashboard_shows_errors_of_every_kind_of_access_that_is_granted(
    image: Template,
) -> None:
    operations = {
        asked.dimensions["Operation"] for _, asked in shown(image) if asked.name == "SystemErrors"
    }
    granted = {
        action.removeprefix("dynamodb:")
        for policy in resources(image, "AWS::IAM::Policy")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in statement["Action"]
        if action.startswith("dynamodb:")
    }
    # Transactions are granted by the actions that they consist of.
    assert operations == granted | {"TransactWriteItems"}


def test_alarms_notify_only_a_chosen_topic(image: Template, every_choice: Template) -> None:
    assert not [alarm for alarm in alarms(image).values() if "AlarmActions" in alarm]
    for alarm in alarms(every_choice).values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [EVERY_CHOICE["alarm_topic_arn"]]


def test_the_documented_metrics_are_the_emitted_ones() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([`\w, ]+) \| .+ \|$", OPERATING, re.MULTILINE)
    assert {(name, unit, frozenset(re.findall(r"\w+", names))) for name, unit, names in rows} == {
        (metric.name, metric.unit, metric.dimensions) for metric in metrics.METRICS
    }
