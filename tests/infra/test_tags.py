"""Tags for costs by stack, on everything that can have one."""

import pytest

from infra.config import ConfigError, DeploymentConfig
from tests.infra.synthesis import Template

pytestmark = pytest.mark.infra

BILLED = {
    "AWS::CloudWatch::Alarm", "AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::Lambda::Function",
    "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SQS::Queue",
}  # fmt: skip


def tags(template: Template) -> dict[str, list[dict[str, str]]]:
    """The tags of each resource that is billed, by its logical id."""
    return {
        name: {each["Key"]: each["Value"] for each in resource["Properties"].get("Tags", [])}
        for name, resource in template["Resources"].items()
        if resource["Type"] in BILLED
    }


def test_everything_that_is_billed_has_the_name_of_its_stack(image: Template) -> None:
    assert {each["Type"] for each in image["Resources"].values()} >= BILLED
    assert [
        name for name, own in tags(image).items() if own.get("semblance:stack") != "Semblance"
    ] == []


def test_tags_of_the_owner_come_besides(every_choice: Template) -> None:
    own = {"team": "security", "env": "prod", "semblance:stack": "Another"}
    assert [name for name, found in tags(every_choice).items() if found != own] == []


def test_a_value_may_have_an_equals_sign() -> None:
    config = DeploymentConfig.from_context({"tags": "query=a=b, team="})
    assert config.own_tags == {"query": "a=b", "team": ""}


@pytest.mark.parametrize("tag", ["team", "=x", "aws:team=x", "semblance:stack=x", "a" * 129 + "=x"])
def test_a_tag_that_aws_or_the_stack_would_refuse_is_refused(tag: str) -> None:
    with pytest.raises(ConfigError, match="it has to be tags such as team=security"):
        DeploymentConfig.from_context({"tags": f"env=prod,{tag}"})


def test_a_key_that_occurs_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="each key may occur once"):
        DeploymentConfig.from_context({"tags": "team=a,team=b"})
