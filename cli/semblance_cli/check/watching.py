"""Logs, alarms and the compactor: whether anybody would notice a fault."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from semblance_cli import compactor
from semblance_cli.check.context import Context
from semblance_cli.check.findings import (
    Check,
    Group,
    Verdict,
    expect,
    failed,
    skipped,
    unknown,
    warning,
)
from semblance_cli.problems import CommandError
from semblance_cli.terminal import count

_DAY = 86_400
_HALF = 0.5
_MOST_PAGES = 20
_MOST_INIT_SECONDS = 10
"""https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html"""


def _audit(context: Context) -> Iterator[Verdict]:
    if not context.has_collection:
        yield skipped("there is no collection")
        return
    line = _line(context, context.outputs["AuditLogGroup"], context.run)
    operation = _parsed(line).get("operation") if line else None
    yield expect(
        line is not None,
        f"{operation} of this run is there" if line else "no line of this run",
        f"a line with its collection within {context.patience:g} s",
        "Has somebody deleted the function's stream in AuditLogGroup? The function's own log has "
        "the line, and `not in the audit trail` with the reason. `cdk deploy` does not make a "
        "stream again that it believes to exist: `aws logs create-log-stream`.",
    )


def _line(context: Context, group: str, words: str) -> str | None:
    """A line of this run with these words. Lines take some seconds to be found."""

    def look() -> str | None:
        return next((each for each in _messages(context, group, words, context.began)), None)

    return context.awaited(look)


def _messages(context: Context, group: str, words: str, since: float) -> list[str]:
    """Lines with these words. Not of all pages: a busy day has thousands."""
    pages = (
        context.client("logs")
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=group,
            startTime=int(since * 1000),
            filterPattern=f'"{words}"',
        )
    )
    found = [each["message"] for page in islice(pages, _MOST_PAGES) for each in page["events"]]
    return [message for message in found if words in message]


def _gateway_role(context: Context) -> Iterator[Verdict]:
    if context.kind == "HTTP":
        yield skipped("an HTTP API writes its log without a role")
        return
    role = context.client("apigateway").get_account().get("cloudwatchRoleArn")
    yield expect(
        bool(role),
        "set" if role else "none",
        "a role with which API Gateway writes logs, one for the account",
        "`aws apigateway update-account --patch-operations "
        "op=replace,path=/cloudwatchRoleArn,value=ROLE`, with a role that has the policy "
        "AmazonAPIGatewayPushToCloudWatchLogs.",
    )


def _access_log(context: Context) -> Iterator[Verdict]:
    group = _access_log_group(context)
    if context.is_local:
        yield skipped("a local cloud writes none")
        return
    if not group:
        yield failed("none", "one for the stage", "`cdk deploy`")
        return
    if not context.calls:
        yield skipped("no call was answered")
        return
    call = context.calls[-1]
    line = _line(context, group, call.request_id)
    yield expect(
        line is not None,
        f"{call.operation} of this run is there" if line else f"no line for {call.operation}",
        f"a line with its request id within {context.patience:g} s",
        "See the log role above. API Gateway may take minutes: check again.",
    )


def _access_log_group(context: Context) -> str:
    api = context.outputs["ApiId"]
    if context.kind == "HTTP":
        stages = context.client("apigatewayv2").get_stages(ApiId=api)["Items"]
        arns = [each.get("AccessLogSettings", {}).get("DestinationArn", "") for each in stages]
    else:
        stages = context.client("apigateway").get_stages(restApiId=api)["item"]
        arns = [each.get("accessLogSettings", {}).get("destinationArn", "") for each in stages]
    return next((arn.partition(":log-group:")[2] for arn in arns if arn), "").removesuffix(":*")


def _alarms(context: Context) -> list[dict[str, Any]]:
    """Those of the stack, by their CloudFormation names."""
    pages = context.client("cloudwatch").get_paginator("describe_alarms")
    return [
        alarm
        for page in pages.paginate(AlarmNamePrefix=f"{context.stack}-Alarms")
        for alarm in page["MetricAlarms"]
    ]


def _alarm_states(context: Context) -> Iterator[Verdict]:
    alarms = _alarms(context)
    if not alarms:
        yield failed("none", "the stack's alarms", "Somebody has deleted them.")
        return
    loud = [each["AlarmName"] for each in alarms if each["StateValue"] == "ALARM"]
    yield expect(
        not loud,
        f"{', '.join(loud)} in ALARM" if loud else f"{len(alarms)}, none in ALARM",
        "none in ALARM",
        "docs/operating.md has a remedy for each.",
        of="state",
    )
    mute = [each["AlarmName"] for each in alarms if not each["ActionsEnabled"]]
    yield expect(
        not mute,
        f"off for {', '.join(mute)}" if mute else "on",
        "on",
        f"`aws cloudwatch enable-alarm-actions --alarm-names {' '.join(mute)}`",
        of="actions",
    )


def _hearers(context: Context) -> Iterator[Verdict]:
    topics = {arn for alarm in _alarms(context) for arn in alarm["AlarmActions"]}
    if not topics:
        yield warning(
            "no topic: nobody hears an alarm",
            "a topic with a confirmed subscription",
            "Make an SNS topic, subscribe to it, and deploy with -c alarm_topic_arn=ARN.",
        )
        return
    sns = context.client("sns")
    for topic in topics:
        found = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        confirmed = [each for each in found if each["SubscriptionArn"].startswith("arn:")]
        yield expect(
            bool(confirmed),
            f"{len(confirmed)} of {len(found)} subscriptions confirmed",
            "one or more confirmed",
            f"`aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint "
            "YOU`, and confirm the message that you get.",
        )


def _schedule(context: Context) -> Iterator[Verdict]:
    events = context.client("events")
    function = context.function("Compactor")["FunctionArn"]
    names = events.list_rule_names_by_target(TargetArn=function)["RuleNames"]
    rules = [events.describe_rule(Name=name) for name in names]
    timed = [each for each in rules if each.get("ScheduleExpression")]
    if not timed:
        yield failed(
            "no rule", "a rule that starts the compactor at intervals", "Deploy the stack anew."
        )
        return
    on = any(each["State"] != "DISABLED" for each in timed)
    yield expect(
        on,
        ", ".join(f"{each['State']}, {each['ScheduleExpression']}" for each in timed),
        "ENABLED",
        f"Erased data stays while it is off. `aws events enable-rule --name {timed[0]['Name']}`",
    )


def _compactor(context: Context) -> Iterator[Verdict]:
    """Runs it for the run's collection: with its own role, and with nothing to do."""
    if not context.has_collection:
        yield skipped("there is no collection")
        return
    client = context.account.functions(compactor.CONFIG)
    try:
        run = compactor.compact(client, context.outputs["CompactorFunction"], context.run)
    except CommandError as error:
        yield failed(str(error), "a run", "Its log has the details: docs/operating.md.")
        return
    yield expect(
        not run["Failed"] and bool(run["Compacted"]),
        str(run["Failed"]) if run["Failed"] else f"done in {run['Compacted'][0]['seconds']:.1f} s"
        if run["Compacted"] else "it did not take the collection",
        "the collection compacted",
        "Its log has the details: docs/operating.md.",
    )  # fmt: skip


def _loads(context: Context) -> Iterator[Verdict]:
    """From the log's lines `loaded`: the slowest of the last day."""
    for name in ("Api", "Worker"):
        configuration = context.function(name)
        group = configuration.get("LoggingConfig", {}).get("LogGroup")
        if not group:
            yield unknown("the function names no log group", of=name)
            continue
        slowest = max(_loaded(context, group), key=lambda line: line["duration_ms"], default=None)
        if slowest is None:
            yield skipped("no collection was loaded in the last day", of=name)
            continue
        seconds, most = slowest["duration_ms"] / 1000, configuration["Timeout"] * _HALF
        yield expect(
            seconds <= most,
            f"{count(slowest['faces'], 'face')}, {slowest['size_bytes'] / 1e6:,.1f} MB "
            f"in {seconds:.2f} s",
            f"{most:g} s at most, half of the time-out",
            "More memory brings more CPU and network. Has the collection a snapshot (`semblance "
            "compact`)?",
            of=name,
        )


def _loaded(context: Context, group: str) -> list[dict[str, Any]]:
    lines = map(_parsed, _messages(context, group, "loaded", time.time() - _DAY))
    return [line for line in lines if line.get("message") == "loaded"]


def _parsed(message: str) -> dict[str, Any]:
    try:
        line = json.loads(message)
    except ValueError:
        return {}
    return line if isinstance(line, dict) else {}


def _starts(context: Context) -> Iterator[Verdict]:
    """`Init Duration` in Lambda's REPORT lines: the start of a process, before the first call."""
    for name in ("Api", "Worker", "Compactor"):
        group = context.function(name).get("LoggingConfig", {}).get("LogGroup")
        if not group:
            yield unknown("the function names no log group", of=name)
            continue
        reports = _messages(context, group, "Init Duration", time.time() - _DAY)
        found = [_init_seconds(each) for each in reports]
        if not any(found):
            yield skipped("no cold start in the log of the last day", of=name)
            continue
        yield expect(
            max(found) < _MOST_INIT_SECONDS,
            f"{len(found)} in the last day, the slowest {max(found):.2f} s",
            f"below {_MOST_INIT_SECONDS} s",
            "Lambda stops a start after that time and begins it again with the call. More memory "
            "brings more CPU.",
            of=name,
        )


def _init_seconds(report: str) -> float:
    milliseconds = report.partition("Init Duration:")[2].split()[:1]
    return float(milliseconds[0]) / 1000 if milliseconds else 0.0


GROUP = Group(
    "Logs, alarms and the compactor",
    (
        Check("audit", "The audit trail", _audit, ("logs:FilterLogEvents",)),
        Check("log-role", "API Gateway's log role", _gateway_role, ("apigateway:GET",)),
        Check(
            "access-log",
            "The access log",
            _access_log,
            ("apigateway:GET", "logs:FilterLogEvents"),
        ),
        Check("alarms", "Alarms", _alarm_states, ("cloudwatch:DescribeAlarms",)),
        Check(
            "alarm-topic",
            "Who hears the alarms",
            _hearers,
            ("cloudwatch:DescribeAlarms", "sns:ListSubscriptionsByTopic"),
        ),
        Check(
            "schedule",
            "The compactor's schedule",
            _schedule,
            ("events:ListRuleNamesByTarget", "events:DescribeRule"),
        ),
        Check("compactor", "A run of the compactor", _compactor, ("lambda:InvokeFunction",)),
        Check("cold-starts", "Cold starts", _starts, ("logs:FilterLogEvents",)),
        Check("loads", "Loading of collections", _loads, ("logs:FilterLogEvents",)),
    ),
)
