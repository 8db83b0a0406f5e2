"""Who may call: IAM is enforced, and refusals still look like AWS to an SDK."""

import json

import pytest
import urllib3
from botocore.exceptions import ClientError

from semblance.client import sign_for_api_gateway
from tools.local.emulator import ACCOUNT, REGION


@pytest.fixture(scope="module")
def keys(deployment):
    """A function that makes an IAM user who may call the named methods, and returns the keys."""
    iam = deployment.client("iam")

    def make(name, *methods):
        iam.create_user(UserName=name)
        for method in methods:
            policy = _may_invoke(deployment.outputs["ApiId"], method)
            iam.put_user_policy(UserName=name, PolicyName=method, PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {
            "aws_access_key_id": key["AccessKeyId"],
            "aws_secret_access_key": key["SecretAccessKey"],
        }

    return make


@pytest.fixture(scope="module")
def client(deployment):
    return lambda keys: sign_for_api_gateway(deployment.client("rekognition", **keys))


def _may_invoke(api_id, method):
    method_arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api_id}/*/{method}/"
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": method_arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_user_who_may_invoke_gets_a_reply(client, keys):
    assert "CollectionIds" in client(keys("reader", "POST")).list_collections()


def test_a_user_without_rights_is_denied(client, keys):
    with pytest.raises(ClientError, match="is not authorized to perform") as caught:
        client(keys("stranger")).list_collections()
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def test_a_user_with_rights_to_another_method_is_denied(client, keys):
    with pytest.raises(ClientError) as caught:
        client(keys("getter", "GET")).list_collections()
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def test_a_wrong_secret_is_refused(client, keys):
    mistyped = keys("typist", "POST") | {"aws_secret_access_key": "mistyped"}
    with pytest.raises(ClientError) as caught:
        client(mistyped).list_collections()
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_an_unsigned_request_is_refused(deployment):
    status, body = fetch(deployment, "POST", {"X-Amz-Target": "RekognitionService.ListCollections"})
    assert status == 400
    assert body["__type"] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PUT", "/"), ("POST", "/collections")])
def test_any_other_route_is_an_unknown_operation(deployment, method, path):
    status, body = fetch(deployment, method, path=path)
    assert status == 400
    assert body["__type"] == "UnknownOperationException"


def fetch(deployment, method, headers=None, path=""):
    """A request that no SDK would send."""
    trust = str(deployment.emulator.certificate.bundle)
    reply = urllib3.PoolManager(ca_certs=trust).request(
        method,
        deployment.api_url + path,
        headers={"Content-Type": "application/x-amz-json-1.1", **(headers or {})},
        body=None if method == "GET" else b"{}",
        retries=False,
        timeout=30,
    )
    return reply.status, reply.json()
