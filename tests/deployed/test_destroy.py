"""`cdk destroy`, a first deployment that fails, and the resources that each leaves."""

import re

import pytest

from tools.local.cloud import LocalCloud
from tools.local.emulator import CloudError, Emulator, free_port


@pytest.fixture
def left_after_destroy(tmp_path):
    """Deploys with `removal`, stores a collection, destroys, and returns the resources left."""

    def left(removal):
        emulator = Emulator(directory=tmp_path / "cloud", port=free_port())
        cloud = LocalCloud(emulator, choices={"removal": removal})
        with cloud as deployment:
            deployment.client("rekognition").create_collection(CollectionId="staff")
            cloud.destroy()
            return inventory(deployment.client)

    return left


def inventory(client):
    """The resources of an account by kind, except the CDK's own stack and bucket."""
    stacks = client("cloudformation").describe_stacks()["Stacks"]
    buckets = client("s3").list_buckets()["Buckets"]
    kinds = {
        "stack": [one for one in stacks if one["StackName"] != "CDKToolkit"],
        "bucket": [one for one in buckets if not one["Name"].startswith("cdk-")],
        "table": client("dynamodb").list_tables()["TableNames"],
        "function": client("lambda").list_functions()["Functions"],
        "api": client("apigateway").get_rest_apis()["items"],
        "queue": client("sqs").list_queues().get("QueueUrls", []),
        "log group": client("logs").describe_log_groups()["logGroups"],
    }
    return {kind: len(things) for kind, things in kinds.items() if things}


def test_destroy_leaves_resources_that_hold_data(left_after_destroy):
    assert left_after_destroy("retain") == {"bucket": 3, "table": 1, "log group": 6}


def test_destroy_leaves_nothing_where_the_owner_has_chosen_so(left_after_destroy):
    assert left_after_destroy("destroy") == {}


@pytest.fixture
def clients(tmp_path):
    """Clients of a cloud in which a deployment has been and gone."""
    emulator = Emulator(directory=tmp_path / "cloud", port=free_port())
    cloud = LocalCloud(emulator, choices={"removal": "destroy"})
    with cloud as deployment:
        cloud.destroy()
        yield deployment


def test_a_first_deployment_that_fails_leaves_nothing(clients):
    """It fails at its last resource, when everything else has been created."""
    assert inventory(clients.client) == {}
    kms = clients.client("kms")
    choices = {
        "key_arn": kms.create_key()["KeyMetadata"]["Arn"],
        "input_bucket": "a-bucket-that-is-not-there",
    }
    with pytest.raises(CloudError) as failed:
        LocalCloud(clients.emulator, choices=choices).deploy()
    assert re.search("Custom::SemblanceFinishing.*NoSuchBucket", str(failed.value), re.DOTALL)
    # The record of the failure, which the next `cdk deploy` replaces.
    (stack,) = clients.client("cloudformation").describe_stacks(StackName="Semblance")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert inventory(clients.client) == {"stack": 1}
