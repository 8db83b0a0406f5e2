"""The stack, its functions and the account's quotas for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from semblance_cli.check.context import FUNCTIONS, OUTPUTS, Context
from semblance_cli.check.findings import Check, Group, Verdict, expect, ok, unknown, warning

_GOOD_STACKS = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}
_NEW_ACCOUNT_MIB = 3008


def _stack(context: Context) -> Iterator[Verdict]:
    client = context.client("cloudformation")
    (stack,) = client.describe_stacks(StackName=context.stack)["Stacks"]
    status = stack["StackStatus"]
    yield expect(
        status in _GOOD_STACKS,
        " ".join(filter(None, (status, stack.get("StackStatusReason")))),
        "CREATE_COMPLETE or UPDATE_COMPLETE",
        f"Wait until the deployment has ended. If it has, see why it failed: `aws cloudformation "
        f"describe-stack-events --stack-name {context.stack}`, then `cdk deploy`.",
    )


def _outputs(context: Context) -> Iterator[Verdict]:
    missing = sorted(set(OUTPUTS) - context.outputs.keys())
    yield expect(
        not missing,
        f"without {', '.join(missing)}" if missing else f"{len(context.outputs)} outputs",
        "all outputs of this version",
        "The deployment is older than this command: deploy this version.",
    )


def _state(context: Context) -> Iterator[Verdict]:
    for name in FUNCTIONS:
        found = context.function(name)
        state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
        reasons = (found.get("StateReason"), found.get("LastUpdateStatusReason"))
        seen = " ".join(filter(None, (f"{state}, last update {update}", *reasons)))
        if state == "Inactive":
            yield warning(
                seen, "Active", "Nobody has called it for weeks; the next call wakes it.", of=name
            )
            continue
        yield expect(
            state == "Active" and update == "Successful",
            seen,
            "Active, last update Successful",
            "Pending ends by itself: check again in a minute. Failed names its reason: mend that, "
            "then `cdk deploy`.",
            of=name,
        )


def _size(context: Context) -> Iterator[Verdict]:
    """AWS has no API for an account's largest memory: a function that exists proves its own."""
    sizes = []
    for name in FUNCTIONS:
        found = context.function(name)
        sizes.append(found["MemorySize"])
        architecture = ", ".join(found.get("Architectures", ["x86_64"]))
        kind = found.get("PackageType", "Zip").lower()
        yield ok(
            f"{kind}, {architecture}, {found['MemorySize']:,} MiB, {found['Timeout']} s", of=name
        )
    most = max(sizes)
    if most <= _NEW_ACCOUNT_MIB:
        note = f"a new account's limit is {_NEW_ACCOUNT_MIB:,} MB; more may need AWS Support"
    else:
        note = f"the account takes more than a new account's {_NEW_ACCOUNT_MIB:,} MB"
    yield ok(f"{most:,} MiB; {note}", of="largest")


def _throttled(context: Context) -> Iterator[Verdict]:
    client = context.client("lambda")
    for name, output in FUNCTIONS.items():
        reply = client.get_function_concurrency(FunctionName=context.outputs[output])
        reserved = reply.get("ReservedConcurrentExecutions")
        seen = "none reserved" if reserved is None else f"{reserved} reserved"
        yield expect(
            reserved != 0,
            seen,
            "not 0, which lets no call in",
            "Somebody has throttled the function by hand: `aws lambda delete-function-concurrency "
            f"--function-name {context.outputs[output]}`, or `cdk deploy` with the option "
            "api_reserved_concurrency.",
            of=name,
        )


def _concurrency(context: Context) -> Iterator[Verdict]:
    limits = context.client("lambda").get_account_settings()["AccountLimit"]
    most, free = limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]
    workers = max(
        (each.get("ScalingConfig", {}).get("MaximumConcurrency", 0) for each in mappings(context)),
        default=0,
    )
    # One call of the API beside all workers, and the compactor.
    needed = workers + 2
    seen = f"{most:,} in the account, {free:,} unreserved; {workers} for workers"
    if free >= needed:
        yield ok(seen)
    else:
        yield warning(
            seen,
            f"at least {needed} unreserved",
            "Ask Service Quotas for more of Lambda's `Concurrent executions` (L-B99A9384; a new "
            "account has 10), or deploy with a smaller -c worker_max_concurrency.",
        )


def mappings(context: Context) -> list[dict[str, Any]]:
    """The event source mappings of the worker."""
    reply = context.client("lambda").list_event_source_mappings(
        FunctionName=context.outputs["WorkerFunction"]
    )
    found: list[dict[str, Any]] = reply["EventSourceMappings"]
    return found


def _quota(context: Context) -> Iterator[Verdict]:
    throttle = context.client("apigateway").get_account().get("throttleSettings", {})
    account, burst = throttle.get("rateLimit", 0), throttle.get("burstLimit", 0)
    if not account:
        yield unknown("API Gateway names no limit of the account")
        return
    seen = f"{account:,.0f} requests a second in the account, {burst:,} at once"
    stage = _stage_rate(context)
    yield expect(
        stage <= account,
        f"{seen}; {stage:,.0f} for this API" if stage else seen,
        "no less than throttle_rate",
        "Deploy with a smaller -c throttle_rate, or ask Service Quotas for more.",
    )


def _stage_rate(context: Context) -> float:
    if context.kind == "HTTP":
        stages = context.client("apigatewayv2").get_stages(ApiId=context.outputs["ApiId"])["Items"]
        routes = [each for stage in stages for each in stage.get("RouteSettings", {}).values()]
        return max((each.get("ThrottlingRateLimit", 0) for each in routes), default=0)
    stages = context.client("apigateway").get_stages(restApiId=context.outputs["ApiId"])["item"]
    methods = [each for stage in stages for each in stage.get("methodSettings", {}).values()]
    return max((each.get("throttlingRateLimit", 0) for each in methods), default=0)


GROUP = Group(
    "Stack, functions and quotas",
    (
        Check("stack", "The deployment is complete", _stack, ("cloudformation:DescribeStacks",)),
        Check("outputs", "The stack has its outputs", _outputs),
        Check("function-state", "State", _state, ("lambda:GetFunctionConfiguration",)),
        Check("function-size", "Size", _size, ("lambda:GetFunctionConfiguration",)),
        Check(
            "function-throttled",
            "Concurrency of its own",
            _throttled,
            ("lambda:GetFunctionConcurrency",),
        ),
        Check(
            "concurrency",
            "The account's concurrency",
            _concurrency,
            ("lambda:GetAccountSettings", "lambda:ListEventSourceMappings"),
        ),
        Check("gateway-quota", "The account's API Gateway", _quota, ("apigateway:GET",)),
    ),
)
