"""The endpoint as the stack prints it and with a slash at its end, in every client."""

import json
import os
import subprocess

import pytest
from botocore.exceptions import ClientError

from semblance.client import sign_for_api_gateway
from tests.deployed.javascript.node import run_node
from tests.deployed.test_aws_cli import AWS
from tools.local.emulator import without_clouds

pytestmark = pytest.mark.parametrize("end", ["", "/"], ids=["bare", "slash"])


@pytest.fixture(scope="module")
def listed(with_keys):
    client = with_keys.client("rekognition")
    client.create_collection(CollectionId="endpoints")
    yield ["endpoints"]
    client.delete_collection(CollectionId="endpoints")


def endpoint(deployment, end):
    return deployment.api_url.rstrip("/") + end


def assert_answers(client, collections):
    assert set(collections) <= set(client.list_collections()["CollectionIds"])
    with pytest.raises(ClientError) as caught:
        client.describe_collection(CollectionId="nowhere")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_boto3_with_a_key(with_keys, listed, end):
    assert_answers(with_keys.client("rekognition", endpoint_url=endpoint(with_keys, end)), listed)


def test_boto3_signing_for_api_gateway(deployment, collection, end):
    client = deployment.client("rekognition", endpoint_url=endpoint(deployment, end))
    assert_answers(sign_for_api_gateway(client), [collection])


def test_the_aws_cli(with_keys, listed, end):
    def aws(*words):
        command = [AWS, "rekognition", *words, "--endpoint-url", endpoint(with_keys, end)]
        return subprocess.run(
            command,
            env=without_clouds(os.environ) | with_keys.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert "endpoints" in json.loads(aws("list-collections").stdout)["CollectionIds"]
    missing = aws("describe-collection", "--collection-id", "nowhere")
    assert "(ResourceNotFoundException)" in missing.stderr


def test_the_sdks_for_javascript(with_keys, listed, end):
    told = run_node(with_keys, "endpoint.mjs", endpoint(with_keys, end))
    for version in ("v3", "v2"):
        assert "endpoints" in told[version]["listed"]
        assert told[version]["missing"] == "ResourceNotFoundException"
