"""The audit trail as deployed: who may write where, who may read, and for how long."""

import json
from typing import Any

import pytest

from tests.infra.conftest import ADOPTING, EVERY_CHOICE, Synthesised
from tests.infra.synthesis import Resource, Template, resources
from tests.infra.test_grants import statements
from tests.infra.test_storage import only

pytestmark = pytest.mark.infra


def group(template: Template) -> tuple[str, Resource]:
    name = template["Outputs"]["AuditLogGroup"]["Value"]["Ref"]
    return name, template["Resources"][name]


def test_its_retention_is_the_owners_choice(image: Template, every_choice: Template) -> None:
    assert group(image)[1]["Properties"]["RetentionInDays"] == 365
    chosen = group(every_choice)[1]
    assert str(chosen["Properties"]["RetentionInDays"]) == EVERY_CHOICE["audit_retention_days"]
    assert group(image)[1]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert chosen["DeletionPolicy"] == "Delete"


def test_it_is_a_log_group_of_its_own(deployment: Synthesised) -> None:
    name, _ = group(deployment.template)
    for function in resources(deployment.template, "AWS::Lambda::Function"):
        assert function["Properties"]["LoggingConfig"]["LogGroup"] != {"Ref": name}
        assert function["Properties"]["Environment"]["Variables"]["SEMBLANCE_AUDIT_LOG_GROUP"] == {
            "Ref": name
        }


@pytest.mark.parametrize("output", ["ApiFunction", "WorkerFunction"])
def test_a_function_may_only_add_to_its_own_stream(output: str, deployment: Synthesised) -> None:
    template = deployment.template
    name, _ = group(template)
    function = template["Resources"][template["Outputs"][output]["Value"]["Ref"]]
    service = function["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
    (stream,) = (
        logical_id
        for logical_id, each in template["Resources"].items()
        if each["Type"] == "AWS::Logs::LogStream"
        and each["Properties"] == {"LogGroupName": {"Ref": name}, "LogStreamName": service}
    )
    about_it = [
        (each["Action"], resource)
        for each in statements(template, output)
        for resource in each["Resource"]
        if name in json.dumps(resource)
    ]
    assert [actions for actions, _ in about_it] == [["logs:PutLogEvents"]] * 2
    # The second resource is a group and not a stream, so nothing can be written to it.
    assert [parts(resource)[-3:] for _, resource in about_it] == [
        [{"Ref": name}, ":log-stream:", {"Ref": stream}],
        [{"Ref": "AWS::AccountId"}, ":log-group:", {"Ref": name}],
    ]


def parts(resource: dict[str, Any]) -> list[Any]:
    joined: list[Any] = resource["Fn::Join"][1]
    return joined


def test_the_key_encrypts_it_and_logs_may_use_the_key_for_it_alone(
    image: Template,
) -> None:
    name, properties = group(image)[0], group(image)[1]["Properties"]
    (key,) = (n for n, r in image["Resources"].items() if r["Type"] == "AWS::KMS::Key")
    assert properties["KmsKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    (allowed,) = (
        each
        for each in only(image, "AWS::KMS::Key")["Properties"]["KeyPolicy"]["Statement"]
        if "logs." in json.dumps(each["Principal"])
    )
    arn = allowed["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert parts(arn)[-1] == ":log-group:Semblance-*"
    assert "LogGroupName" not in properties, f"{name} is not named after its stack"
    assert all(action.startswith("kms:") and "*" not in action for action in allowed["Action"])


def test_an_adopted_key_encrypts_it(adopting: Template) -> None:
    assert group(adopting)[1]["Properties"]["KmsKeyId"] == ADOPTING["key_arn"]
