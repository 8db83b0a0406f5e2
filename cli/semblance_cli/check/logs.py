"""The logs: whether the run's calls left their lines, and the times of starts and loads."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from semblance_cli.check.context import Context
from semblance_cli.check.findings import (
    Check,
    Group,
    Verdict,
    expect,
    failed,
    skipped,
    unknown,
)
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
        "Deploy with -c gateway_log_role=create, or `aws apigateway update-account "
        "--patch-operations op=replace,path=/cloudwatchRoleArn,value=ROLE`, with a role that has "
        "the policy AmazonAPIGatewayPushToCloudWatchLogs.",
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
    "Logs",
    (
        Check("audit", "The audit trail", _audit, ("logs:FilterLogEvents",)),
        Check("log-role", "API Gateway's log role", _gateway_role, ("apigateway:GET",)),
        Check(
            "access-log", "The access log", _access_log, ("apigateway:GET", "logs:FilterLogEvents")
        ),
        Check("cold-starts", "Cold starts", _starts, ("logs:FilterLogEvents",)),
        Check("loads", "Loading of collections", _loads, ("logs:FilterLogEvents",)),
    ),
)
