"""The functions' roles: IAM's policy simulator compares them with the grants of this version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from semblance.contract import layout
from semblance_cli.check.context import FUNCTIONS, Context
from semblance_cli.check.findings import Check, Group, Verdict, expect

_READING_LOGS = ("logs:GetLogEvents", "logs:FilterLogEvents", "logs:DeleteLogStream")
_OBJECT = "semblance-check"


@dataclass(frozen=True, slots=True)
class _Rule:
    resource: str
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()


def _rules(context: Context, name: str) -> list[_Rule]:
    table = _arn(context, "dynamodb", f"table/{context.outputs['TableName']}")
    audit = _arn(context, "logs", f"log-group:{context.outputs['AuditLogGroup']}")
    stream = f"{audit}:log-stream:{context.stack}-{name.lower()}"
    photos = _objects(context, "InputBucket", layout.prefix(layout.SEARCH))
    results = _objects(context, "ResultsBucket", layout.prefix(layout.RESULTS))
    snapshots = _objects(context, "SnapshotsBucket", layout.prefix(layout.SNAPSHOTS))
    # Outside the services that its policy names; simulated calls come through none.
    always = [
        _Rule(context.outputs["KeyArn"], denied=("kms:GenerateDataKey", "kms:ScheduleKeyDeletion")),
        _Rule(audit, denied=_READING_LOGS),
    ]
    items = _Rule(table, ("dynamodb:GetItem", "dynamodb:PutItem"), ("dynamodb:DeleteTable",))
    own = {
        "Api": [
            items,
            _Rule(photos, ("s3:GetObject",), ("s3:DeleteObject", "s3:PutObject")),
            _Rule(results, denied=("s3:GetObject", "s3:PutObject")),
            _Rule(snapshots, ("s3:GetObject",), ("s3:PutObject",)),
            _Rule(stream, ("logs:PutLogEvents",), _READING_LOGS),
        ],
        "Worker": [
            items,
            _Rule(photos, ("s3:GetObject",), ("s3:DeleteObject", "s3:PutObject")),
            _Rule(results, ("s3:PutObject",), ("s3:DeleteObject",)),
            _Rule(snapshots, ("s3:GetObject",), ("s3:PutObject",)),
            _Rule(stream, ("logs:PutLogEvents",), _READING_LOGS),
            _Rule(
                _arn(context, "sqs", context.outputs["QueueUrl"].rpartition("/")[2]),
                ("sqs:ReceiveMessage", "sqs:DeleteMessage"),
                ("sqs:SendMessage",),
            ),
        ],
        "Compactor": [
            items,
            _Rule(photos, denied=("s3:GetObject", "s3:DeleteObject")),
            _Rule(results, denied=("s3:GetObject", "s3:PutObject")),
            _Rule(snapshots, ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")),
            _Rule(stream, denied=("logs:PutLogEvents", *_READING_LOGS)),
            _Rule(table, ("dynamodb:BatchWriteItem",)),
        ],
        "Finishing": [
            _Rule(
                table,
                ("dynamodb:DescribeTable", "dynamodb:UpdateTable"),
                ("dynamodb:DeleteTable", "dynamodb:GetItem", "dynamodb:PutItem"),
            ),
            _Rule(photos, denied=("s3:GetObject", "s3:DeleteObject")),
            _Rule(results, denied=("s3:GetObject", "s3:PutObject")),
            _Rule(snapshots, denied=("s3:GetObject", "s3:PutObject")),
            _Rule(stream, denied=("logs:PutLogEvents", *_READING_LOGS)),
        ],
    }
    return always + own[name]


def _arn(context: Context, service: str, resource: str) -> str:
    region, account = context.endpoint.region, context.account_id
    return f"arn:{context.partition}:{service}:{region}:{account}:{resource}"


def _objects(context: Context, output: str, prefix: str) -> str:
    return f"arn:{context.partition}:s3:::{context.outputs[output]}/{prefix}{_OBJECT}"


def _role(context: Context, name: str) -> Iterator[Verdict]:
    role = context.function(name)["Role"]
    missing, surplus, count = [], [], 0
    for rule in _rules(context, name):
        allowed = _allowed(context, role, rule)
        count += len(rule.allowed) + len(rule.denied)
        missing += [_on(each, rule) for each in rule.allowed if each not in allowed]
        surplus += [_on(each, rule) for each in rule.denied if each in allowed]
    seen = [f"may not {', '.join(missing)}"] * bool(missing)
    seen += [f"may {', '.join(surplus)}"] * bool(surplus)
    yield expect(
        not seen,
        "; ".join(seen) or f"{count} permissions, granted or denied as they must be",
        "the grants of this version and no others",
        "Somebody has changed the role or attached a policy to it (`aws cloudformation "
        "detect-stack-drift`), or an SCP forbids it: undo that.",
        of=name,
    )


def _on(action: str, rule: _Rule) -> str:
    """Without region and account, which are the deployment's."""
    return f"{action} on {rule.resource.split(':', 5)[-1]}"


def _allowed(context: Context, role: str, rule: _Rule) -> set[str]:
    reply = context.client("iam").simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=[*rule.allowed, *rule.denied],
        ResourceArns=[rule.resource],
    )
    return {
        each["EvalActionName"]
        for each in reply["EvaluationResults"]
        if each["EvalDecision"] == "allowed"
    }


def _roles(context: Context) -> Iterator[Verdict]:
    for name in FUNCTIONS:
        yield from _role(context, name)


GROUP = Group(
    "Roles",
    (
        Check(
            "role",
            "Grants",
            _roles,
            ("iam:SimulatePrincipalPolicy", "lambda:GetFunctionConfiguration"),
        ),
    ),
)
