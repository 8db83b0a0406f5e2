"""The functions' roles against the calls that the functions make: no grant is missing or unused.

`tests/roles` plays each handler through every kind of call and records its requests to AWS.
"""

import functools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest

from infra import on_behalf
from tests.infra.conftest import ADOPTING, DEPLOYMENTS, Synthesised
from tests.infra.synthesis import Resource, Template, resources
from tests.infra.test_grants import FUNCTIONS, statements
from tests.roles import actions
from tests.roles.play import PLAYS

pytestmark = [pytest.mark.infra, pytest.mark.model]

Grant = tuple[str, str]
"""An action, and the setting that names the resource it is for."""

# Resources without a setting are named after their role in the stack.
QUEUE, LOG, ANYTHING = "ImagesQueue", "own log", "*"
ON_BEHALF: set[Grant] = {
    *((action, "key_arn") for action in on_behalf.KEY),
    *((action, QUEUE) for action in on_behalf.QUEUE),
    *((action, LOG) for action in on_behalf.OWN_LOG),
    *((action, ANYTHING) for action in on_behalf.TRACES),
}


@pytest.fixture(scope="module")
def used() -> Callable[[str, str], set[Grant]]:
    """The requests that a function makes of AWS, in a deployment with this `auth`."""

    @functools.cache
    def used(function: str, auth: str) -> set[Grant]:
        place = {"AWS_DEFAULT_REGION": "eu-west-1", "POWERTOOLS_SERVICE_NAME": "semblance"}
        keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
        done = subprocess.run(
            [sys.executable, "-m", "tests.roles.play", function, auth],
            env=os.environ | place | keys,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return {(action, about) for action, about in json.loads(done.stdout.splitlines()[-1])}

    return used


def granted(template: Template, function: str) -> set[Grant]:
    output = f"{function.capitalize()}Function"
    name = namer(template, template["Resources"][template["Outputs"][output]["Value"]["Ref"]])
    return {
        (action, name(resource))
        for statement in statements(template, output)
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def namer(template: Template, function: Resource) -> Callable[[Any], str]:
    """A function from a statement's resource to the setting in which the function reads it."""
    variables = function["Properties"]["Environment"]["Variables"]
    settings = {
        logical_id: name.removeprefix("SEMBLANCE_").lower()
        for name, value in variables.items()
        if isinstance(value, dict) and name != "SEMBLANCE_IMAGE_BUCKETS"
        for logical_id in mentioned(template, value)
    }
    own_log = function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]

    def name(resource: Any) -> str:
        if resource == "*":
            return ANYTHING
        if ":event-bus/" in json.dumps(resource):
            return "event_bus"
        for setting, adopted in ADOPTING.items():
            if adopted in json.dumps(resource):
                return setting
        found = mentioned(template, resource)
        if not found:  # a bucket that the owner has listed
            return "input_bucket"
        first = found[0]
        return LOG if first == own_log else settings.get(first, re.sub("[0-9A-F]{8}$", "", first))

    return name


def mentioned(template: Template, value: Any) -> list[str]:
    """Logical ids of the stack's own resources, in order of appearance."""
    return [
        word for word in re.findall(r'"(\w+)"', json.dumps(value)) if word in template["Resources"]
    ]


@pytest.mark.parametrize("auth", ["iam", "keys"])
@pytest.mark.parametrize("function", PLAYS)
def test_a_function_is_granted_exactly_the_actions_that_it_requests(
    function: str,
    auth: str,
    used: Callable[[str, str], set[Grant]],
    synthesised: Callable[[str], Synthesised],
) -> None:
    template = synthesised({"iam": "image", "keys": "keys"}[auth]).template
    needed = used(function, auth if function == "api" else "iam")
    may = granted(template, function)
    assert needed - may == set(), "requested but not granted"
    assert may - needed - ON_BEHALF == set(), "granted but never requested"


def test_finishing_may_change_what_it_adopts_and_nothing_else(
    used: Callable[[str, str], set[Grant]], adopting: Template
) -> None:
    needed = used("adopting", "iam")
    assert granted(adopting, "finishing") - ON_BEHALF == needed
    assert needed == {
        ("dynamodb:DescribeContinuousBackups", "table_name"),
        ("dynamodb:DescribeTable", "table_name"),
        ("dynamodb:DescribeTimeToLive", "table_name"),
        ("dynamodb:UpdateContinuousBackups", "table_name"),
        ("dynamodb:UpdateTable", "table_name"),
        ("dynamodb:UpdateTimeToLive", "table_name"),
        ("s3:GetBucketNotification", "input_bucket"),
        ("s3:PutBucketNotification", "input_bucket"),
    }


@pytest.mark.parametrize(
    "grants", [on_behalf.KEY, on_behalf.QUEUE, on_behalf.OWN_LOG, on_behalf.TRACES]
)
def test_every_action_of_aws_on_behalf_of_a_function_has_its_reason(grants: dict[str, str]) -> None:
    for reason in grants.values():
        assert re.search(r" on (its behalf|behalf of ).*https://docs\.aws\.amazon\.com/", reason)


def test_calls_authorised_by_actions_of_another_name_exist_in_aws() -> None:
    session = botocore.session.get_session()
    for service, operation in actions.OTHERWISE_CALLED:
        assert operation in session.get_service_model(service).operation_names


def test_every_function_is_played_through() -> None:
    assert {f"{function.capitalize()}Function" for function in PLAYS} == set(FUNCTIONS)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_no_policy_has_a_wildcard_action(
    name: str, synthesised: Callable[[str], Synthesised]
) -> None:
    template = synthesised(name).template
    found = {
        (each["Type"], action)
        for each, statement in every_statement(template)
        for action in as_list(statement["Action"])
        if "*" in action and statement["Effect"] == "Allow"
    }
    # Without it nobody could ever change the key. The account's own IAM policies decide who may:
    # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    assert found == ({("AWS::KMS::Key", "kms:*")} if name != "adopting" else set())


def every_statement(template: Template) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """The statements of every kind of policy, on any resource that has one."""
    for resource in template["Resources"].values():
        for document in documents(resource["Properties"]):
            for statement in document["Statement"]:
                yield resource, statement


def documents(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("Statement"), list):
            yield value
        else:
            for each in value.values():
                yield from documents(each)
    elif isinstance(value, list):
        for each in value:
            yield from documents(each)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_every_wildcard_resource_has_its_reason(
    name: str, synthesised: Callable[[str], Synthesised]
) -> None:
    deployment = synthesised(name)
    reasons = acknowledged(deployment)
    for policy in resources(deployment.template, "AWS::IAM::Policy"):
        (role,) = (each["Ref"] for each in policy["Properties"]["Roles"])
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            for resource in as_list(statement["Resource"]):
                if "*" in (written := as_nag_writes(resource)):
                    assert reasons[role, f"IAM5[Resource::{written}]"], (role, written)


def acknowledged(deployment: Synthesised) -> dict[tuple[str, str], str]:
    """The reasons in the stack, by the logical id of the role and the rule of cdk-nag."""
    (file,) = deployment.directory.glob("*.metadata.json")
    metadata: dict[str, list[dict[str, Any]]] = json.loads(file.read_text())
    logical_ids = {
        path.removesuffix("/Resource"): entry["data"]
        for path, entries in metadata.items()
        for entry in entries
        if entry["type"] == "aws:cdk:logicalId"
    }
    return {
        (
            logical_ids[path.removesuffix("/Resource")],
            rule.removeprefix("Annotation::AwsSolutions-"),
        ): reason
        for path, entries in metadata.items()
        for entry in entries
        if entry["type"] == "aws:cdk:acknowledged-rules"
        and path.removesuffix("/Resource") in logical_ids
        for rule, reason in entry["data"].items()
    }


def as_nag_writes(resource: Any) -> str:
    if isinstance(resource, str):
        return resource
    if "Ref" in resource:
        return f"<{resource['Ref']}>"
    if "Fn::GetAtt" in resource:
        return f"<{'.'.join(resource['Fn::GetAtt'])}>"
    return "".join(map(as_nag_writes, resource["Fn::Join"][1]))
