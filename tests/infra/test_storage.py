from typing import Any

import pytest

from functions.finishing import PATIENCE_SECONDS
from semblance.contract import schema
from tests.infra.conftest import ADOPTING, Synthesised
from tests.infra.synthesis import Resource, Template, resources
from tests.infra.test_grants import statements

pytestmark = pytest.mark.infra


KEPT = "RetainExceptOnCreate"


def finishing(template: Template) -> dict[str, Any]:
    properties: dict[str, Any] = only(template, "Custom::SemblanceFinishing")["Properties"]
    return properties


def only(template: Template, type_: str) -> Resource:
    (resource,) = resources(template, type_)
    return resource


def buckets(template: Template) -> dict[str, Resource]:
    """The buckets by their names in the outputs."""
    return {
        name: template["Resources"][template["Outputs"][name]["Value"]["Ref"]]
        for name in ("InputBucket", "ResultsBucket", "SnapshotsBucket")
    }


def test_the_table_has_the_keys_of_the_schema(image: Template) -> None:
    table = only(image, "AWS::DynamoDB::Table")["Properties"]
    assert table["KeySchema"] == [
        {"AttributeName": schema.PARTITION_KEY, "KeyType": "HASH"},
        {"AttributeName": schema.SORT_KEY, "KeyType": "RANGE"},
    ]
    assert table["TimeToLiveSpecification"] == {"AttributeName": schema.EXPIRES_AT, "Enabled": True}


def test_the_table_is_on_demand_recoverable_and_protected(image: Template) -> None:
    table = only(image, "AWS::DynamoDB::Table")
    properties = table["Properties"]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": 35,
    }
    # Switched on by the custom resource: CloudFormation could not take a protected table back.
    assert "DeletionProtectionEnabled" not in properties
    assert finishing(image)["Protected"] is True
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == (KEPT, "Retain")


def test_backups_can_be_switched_off(every_choice: Template) -> None:
    properties = only(every_choice, "AWS::DynamoDB::Table")["Properties"]
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": False}


def test_one_rotated_key_encrypts_the_table_and_the_buckets(image: Template) -> None:
    (name,) = (n for n, r in image["Resources"].items() if r["Type"] == "AWS::KMS::Key")
    key = {"Fn::GetAtt": [name, "Arn"]}
    assert only(image, "AWS::KMS::Key")["Properties"]["EnableKeyRotation"] is True
    assert only(image, "AWS::DynamoDB::Table")["Properties"]["SSESpecification"] == {
        "KMSMasterKeyId": key,
        "SSEEnabled": True,
        "SSEType": "KMS",
    }
    for bucket in buckets(image).values():
        assert bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"] == [
            {
                "BucketKeyEnabled": True,
                "ServerSideEncryptionByDefault": {
                    "KMSMasterKeyID": key,
                    "SSEAlgorithm": "aws:kms",
                },
            }
        ]


def test_buckets_are_private(image: Template) -> None:
    for bucket in buckets(image).values():
        assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["Properties"]["OwnershipControls"]["Rules"] == [
            {"ObjectOwnership": "BucketOwnerEnforced"}
        ]


def test_buckets_and_queues_refuse_plain_http(image: Template) -> None:
    guarded = [
        *resources(image, "AWS::S3::BucketPolicy"),
        *resources(image, "AWS::SQS::QueuePolicy"),
    ]
    assert len(guarded) == len(buckets(image)) + len(resources(image, "AWS::SQS::Queue"))
    for policy in guarded:
        denials = [
            each
            for each in policy["Properties"]["PolicyDocument"]["Statement"]
            if each["Effect"] == "Deny"
        ]
        assert [each["Condition"] for each in denials] == [
            {"Bool": {"aws:SecureTransport": "false"}}
        ]


def expirations(bucket: Resource) -> dict[str, int]:
    found = {}
    for rule in bucket["Properties"]["LifecycleConfiguration"]["Rules"]:
        if "ExpirationInDays" in rule:
            found["current"] = rule["ExpirationInDays"]
        if "NoncurrentVersionExpiration" in rule:
            found["noncurrent"] = rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
    return found


def test_photos_are_versioned_and_expire(image: Template) -> None:
    photos = buckets(image)["InputBucket"]
    assert photos["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert expirations(photos) == {"current": 30, "noncurrent": 1}


def test_results_expire(image: Template) -> None:
    results = buckets(image)["ResultsBucket"]
    assert "VersioningConfiguration" not in results["Properties"]
    assert expirations(results) == {"current": 90}


def test_snapshots_have_no_versions_and_aborted_uploads_expire_in_a_day(image: Template) -> None:
    snapshots = buckets(image)["SnapshotsBucket"]
    assert "VersioningConfiguration" not in snapshots["Properties"]
    assert expirations(snapshots) == {}
    (rule,) = snapshots["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_retention_is_the_owners_choice(every_choice: Template) -> None:
    found = buckets(every_choice)
    assert expirations(found["InputBucket"]) == {"noncurrent": 1}
    assert expirations(found["ResultsBucket"]) == {"current": 1}


def test_resources_that_hold_data_survive_the_stack(image: Template) -> None:
    for type_ in ("AWS::KMS::Key", "AWS::S3::Bucket", "AWS::Logs::LogGroup"):
        found = resources(image, type_)
        assert {each["DeletionPolicy"] for each in found} == {KEPT}
        assert {each["UpdateReplacePolicy"] for each in found} == {"Retain"}


def test_removal_destroy_deletes_every_resource(every_choice: Template) -> None:
    assert finishing(every_choice)["Protected"] is False
    for type_ in ("AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::S3::Bucket"):
        assert {each["DeletionPolicy"] for each in resources(every_choice, type_)} == {"Delete"}


def test_protection_comes_last_and_goes_first(deployment: Synthesised) -> None:
    """So a deployment that fails before it can be taken back, table included."""
    template = deployment.template["Resources"]
    ((name, last),) = (
        (name, each)
        for name, each in template.items()
        if each["Type"] == "Custom::SemblanceFinishing"
    )
    others = {name for name, each in template.items() if each["Type"] != "AWS::CDK::Metadata"}
    assert set(last["DependsOn"]) == others - {name}


def test_a_deployment_can_adopt_all_that_is_stored(adopting: Template) -> None:
    types = {each["Type"] for each in adopting["Resources"].values()}
    assert types.isdisjoint({"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key"})
    outputs = {
        "TableName": ADOPTING["table_name"],
        "InputBucket": ADOPTING["input_bucket"],
        "ResultsBucket": ADOPTING["results_bucket"],
        "SnapshotsBucket": ADOPTING["snapshots_bucket"],
        "KeyArn": ADOPTING["key_arn"],
    }
    assert {name: adopting["Outputs"][name]["Value"] for name in outputs} == outputs


@pytest.mark.parametrize("output", ["ApiFunction", "WorkerFunction", "CompactorFunction"])
def test_functions_have_the_same_grants_on_what_is_adopted(
    output: str, image: Template, adopting: Template
) -> None:
    def actions(template: Template) -> list[list[str]]:
        return sorted(each["Action"] for each in statements(template, output))

    assert actions(adopting) == actions(image)


def test_an_adopted_table_gets_the_settings_of_the_deployment(
    image: Template, adopting: Template
) -> None:
    assert finishing(adopting)["TableName"] == ADOPTING["table_name"]
    assert finishing(adopting)["Adopted"] == {
        "KeySchema": [schema.PARTITION_KEY, schema.SORT_KEY],
        "KeyArn": ADOPTING["key_arn"],
        "ExpiresAt": schema.EXPIRES_AT,
        "BackupDays": 35,
    }
    assert "Adopted" not in finishing(image)


def test_the_notifications_of_an_adopted_bucket_are_pointed_at_the_queue(
    image: Template, adopting: Template
) -> None:
    queue = adopting["Outputs"]["QueueUrl"]["Value"]["Ref"]
    assert finishing(adopting)["Notify"] == {
        "Bucket": ADOPTING["input_bucket"],
        "QueueArn": {"Fn::GetAtt": [queue, "Arn"]},
        "Prefixes": ["search/", "index/"],
    }
    assert "Notify" not in finishing(image)


def test_cloudformation_waits_as_long_as_lambda_tries(image: Template) -> None:
    function = image["Resources"][image["Outputs"]["FinishingFunction"]["Value"]["Ref"]]
    timeout = function["Properties"]["Timeout"]
    assert timeout > 2 * PATIENCE_SECONDS
    # Two more tries, a minute and two minutes later; an hour is the most that it takes.
    assert 3 * timeout + 180 < int(finishing(image)["ServiceTimeout"]) <= 3600
