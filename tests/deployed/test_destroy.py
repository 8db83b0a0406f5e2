"""`cdk destroy`, and the resources that it leaves."""

import pytest

from tools.local.cloud import LocalCloud
from tools.local.emulator import Emulator, free_port


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
    assert left_after_destroy("retain") == {"bucket": 3, "table": 1, "log group": 5}


def test_destroy_leaves_nothing_where_the_owner_has_chosen_so(left_after_destroy):
    assert left_after_destroy("destroy") == {}
