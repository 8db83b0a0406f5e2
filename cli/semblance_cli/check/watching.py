"""Alarms and the compactor: whether anybody would notice a fault, and erased data goes."""

from __future__ import annotations

from collections.abc import Iterator
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
    warning,
)
from semblance_cli.problems import CommandError


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


GROUP = Group(
    "Alarms and the compactor",
    (
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
    ),
)
