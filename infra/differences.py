"""Says which choices a deployment changes, before anything is deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields

from infra import deployed
from infra.choices import CDK_JSON, COMMAND_LINE, FILE, Choices
from infra.config import ADOPTABLE, DeploymentConfig, shown


def text(choices: Choices, environment: Mapping[str, str]) -> str:
    """For standard error. Empty if the CDK CLI knows no account or nothing changes. A failure is
    one line too: no deployment depends on this."""
    account = environment.get("CDK_DEFAULT_ACCOUNT")
    region = environment.get("CDK_DEFAULT_REGION")
    if not account or not region:
        return ""
    stack = choices.config.stack_name
    try:
        record = deployed.record(stack, account, region)
        found = list(lines(_kept(record), choices)) if record else []
    except (deployed.UnknownError, ValueError) as exc:
        return f"Choices cannot be compared with the stack {stack}: {exc}\n"
    return (
        "\n  ".join([f"Choices that differ from the stack {stack}:", *found]) + "\n"
        if found
        else ""
    )


def _kept(record: str) -> dict[str, dict[str, str]]:
    """Raises ValueError."""
    try:
        return {
            name: {"value": str(each["value"]), "from": str(each["from"])}
            for name, each in json.loads(record).items()
        }
    except (AttributeError, KeyError, TypeError) as exc:
        raise ValueError("its record has an unknown form") from exc


def lines(record: Mapping[str, Mapping[str, str]], choices: Choices) -> Iterator[str]:
    """A line for each choice that changes. `record` is that of the deployed stack."""
    default = DeploymentConfig()
    for each in fields(DeploymentConfig):
        name = each.name
        before, now = record.get(name), shown(getattr(choices.config, name))
        old = before["value"] if before else shown(getattr(default, name))
        if old == now:
            continue
        line = f"{name}: {old or 'none'} -> {now or 'none'}"
        if before and name not in choices.sources:
            line += _missed(before["from"], choices.file)
        if name in ADOPTABLE and not now:
            line += "  (an empty one takes its place: docs/restoring.md)"
        yield line


def _missed(source: str, file: str) -> str:
    """A hint, if the choice has returned to its default since its source is not there any more."""
    if source == COMMAND_LINE:
        return f"  (was given with -c and returns to its default: write it into {FILE})"
    if source not in (file, CDK_JSON):
        return f"  (was in {source}, which this deployment does not read: -c config={source})"
    return ""
