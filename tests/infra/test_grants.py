import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra import on_behalf
from tests.infra.conftest import Synthesised
from tests.infra.synthesis import Template, resources

pytestmark = pytest.mark.infra

FUNCTIONS = ("ApiFunction", "WorkerFunction", "CompactorFunction")


def statements(template: Template, output: str) -> Iterator[dict[str, Any]]:
    """The statements of the function's role, with actions and resources as lists."""
    function = template["Resources"][template["Outputs"][output]["Value"]["Ref"]]
    role = function["Properties"]["Role"]["Fn::GetAtt"][0]
    for policy in resources(template, "AWS::IAM::Policy"):
        if policy["Properties"]["Roles"] == [{"Ref": role}]:
            for each in policy["Properties"]["PolicyDocument"]["Statement"]:
                yield each | {name: _list(each[name]) for name in ("Action", "Resource")}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("output", FUNCTIONS)
def test_a_wildcard_covers_objects_of_one_bucket_only(output: str, deployment: Synthesised) -> None:
    for each in statements(deployment.template, output):
        for resource in each["Resource"]:
            if resource == "*":
                # X-Ray has no resources to name in a policy.
                assert set(each["Action"]) == on_behalf.TRACES.keys()
            elif "*" in json.dumps(resource):
                assert {action.split(":")[0] for action in each["Action"]} == {"s3"}
                assert re.search(r'(Arn"\]}, "|:s3:::[a-z.-]+)/[a-z]*/?\*"', json.dumps(resource))


def test_no_function_has_a_managed_policy(deployment: Synthesised) -> None:
    principals = [
        each["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
        for each in resources(deployment.template, "AWS::IAM::Role")
        if "ManagedPolicyArns" in each["Properties"]
    ]
    assert {"Service": "lambda.amazonaws.com"} not in principals


@pytest.mark.parametrize("output", FUNCTIONS)
def test_the_kms_key_may_be_used_through_dynamodb_logs_and_s3_only(
    output: str, image: Template
) -> None:
    (key,) = (each for each in statements(image, output) if each["Action"][0].startswith("kms:"))
    services = key["Condition"]["StringEquals"]["kms:ViaService"]
    assert [service["Fn::Join"][1][0] for service in services] == ["dynamodb.", "logs.", "s3."]


def test_with_auth_keys_the_api_may_decrypt_secrets_of_access_keys_only(
    keys: Template,
) -> None:
    (key,) = (each for each in statements(keys, "ApiFunction") if each["Action"] == ["kms:Decrypt"])
    assert key["Resource"] == [keys["Outputs"]["KeyArn"]["Value"]]
    assert key["Condition"] == {
        "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["access-key-id"]},
        "StringLikeIfExists": {"kms:EncryptionContext:access-key-id": "SMBL*"},
    }


@pytest.mark.parametrize(("name", "output"), [("keys", "WorkerFunction"), ("image", "ApiFunction")])
def test_no_other_function_may_decrypt_secrets(
    name: str, output: str, request: pytest.FixtureRequest
) -> None:
    template = request.getfixturevalue(name)
    assert not [each for each in statements(template, output) if each["Action"] == ["kms:Decrypt"]]


def objects(template: Template, output: str, action: str) -> list[str]:
    """The objects that the function may use this action on."""
    (allowed,) = (each for each in statements(template, output) if action in each["Action"])
    return sorted(_plain(resource) for resource in allowed["Resource"])


def _plain(resource: dict[str, Any]) -> str:
    """`{input}/*` for a bucket of the stack, the ARN for any other."""
    _, parts = resource["Fn::Join"]
    return "".join("{bucket}" if isinstance(each, dict) else each for each in parts)


def test_the_api_reads_the_listed_buckets(image: Template, every_choice: Template) -> None:
    assert objects(image, "ApiFunction", "s3:GetObjectVersion") == ["{bucket}/*"]
    assert objects(every_choice, "ApiFunction", "s3:GetObjectVersion") == [
        "arn:{bucket}:s3:::badges.example.com/*",
        "arn:{bucket}:s3:::holiday-photos/*",
        "{bucket}/*",
    ]


def test_all_functions_read_snapshots_and_only_the_compactor_writes_them(image: Template) -> None:
    bucket = image["Resources"][image["Outputs"]["SnapshotsBucket"]["Value"]["Ref"]]
    assert bucket["Type"] == "AWS::S3::Bucket"
    for output in FUNCTIONS:
        actions = {
            action
            for each in statements(image, output)
            for action in each["Action"]
            if "snapshots/" in json.dumps(each["Resource"])
        }
        writes = {"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"}
        expected = writes if output == "CompactorFunction" else set()
        assert actions == {"s3:GetObject"} | expected


def test_the_api_may_list_no_keys_of_photos(image: Template) -> None:
    """A missing key of the input bucket and a forbidden one must get the same reply."""
    snapshots = image["Outputs"]["SnapshotsBucket"]["Value"]["Ref"]
    (listing,) = (s for s in statements(image, "ApiFunction") if s["Action"] == ["s3:ListBucket"])
    assert listing["Resource"] == [{"Fn::GetAtt": [snapshots, "Arn"]}]


def test_the_worker_reads_only_dropped_photos_and_results(every_choice: Template) -> None:
    photos = ["{bucket}/index/*", "{bucket}/search/*"]
    assert objects(every_choice, "WorkerFunction", "s3:GetObjectVersion") == photos
    (results,) = (
        each
        for each in statements(every_choice, "WorkerFunction")
        if "s3:PutObject" in each["Action"]
    )
    assert set(results["Action"]) == {"s3:GetObject", "s3:PutObject"}
    assert [_plain(each) for each in results["Resource"]] == ["{bucket}/results/*"]
