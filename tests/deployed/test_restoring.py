"""The commands of docs/restoring.md, in their order, and the data that each of them brings back."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deployed.results import TIMEOUT_S, awaited
from tests.pages import ROOT, Page
from tools.checkout import CHECKOUT, MODELS, PHOTOS
from tools.local import waiting
from tools.local.cloud import Deployment, LocalCloud
from tools.local.emulator import Emulator, free_port

TEXT = (ROOT / "docs/restoring.md").read_text(encoding="utf-8")
SECTIONS = {
    part.partition("\n")[0]: "".join(Page(ROOT, part).blocks("sh"))
    for part in re.split("^## ", TEXT, flags=re.MULTILINE)[1:]
}
REDEPLOY, RESTORE, MOVE = (
    SECTIONS["Redeploy over the data that `cdk destroy` kept"],
    SECTIONS["Restore to a point in time"],
    SECTIONS["Move to another stack name"],
)
FIND_THE_NAMES = REDEPLOY[REDEPLOY.index("TABLE=") : REDEPLOY.index("npx cdk deploy")]

# The emulator ignores --sse-specification-override.
KEEP_THE_KEY = (
    "aws dynamodb update-table --table-name Semblance-restored --sse-specification "
    '"Enabled=true,SSEType=KMS,KMSMasterKeyId=$KEY"'
)

NPX = """#!/bin/sh
# The CDK CLI with the choices of a local cloud, as if they stood in cdk.json.
shift
command=$1
shift
case $command in
    deploy) set -- "$@" --require-approval never --outputs-file "$OUTPUTS" ;;
    destroy) set -- "$@" --force ;;
esac
exec "{cdk}" "$command" --all --output "$ASSEMBLY" --no-notices \\
    -c packaging=source -c "models_dir={models}" -c auth=keys "$@"
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    directory = tmp_path_factory.mktemp("restoring") / "cloud"
    emulator = Emulator(directory=directory, port=free_port(), iam=True)
    cloud = LocalCloud(emulator, choices={"auth": "keys"})
    with cloud:
        yield cloud


@pytest.fixture(scope="module")
def run(cloud, tmp_path_factory):
    """Runs commands of the page in the checkout and returns the deployment that results."""
    directory = tmp_path_factory.mktemp("commands")
    outputs = directory / "outputs.json"
    npx = directory / "npx"
    npx.write_text(NPX.format(cdk=CHECKOUT / "node_modules/.bin/cdk", models=MODELS))
    npx.chmod(0o755)
    paths = [directory, Path(sys.executable).parent, CHECKOUT / ".local/awscli/bin"]
    environment = cloud._cdk_environment() | {
        "PATH": os.pathsep.join([*map(str, paths), os.environ["PATH"]]),
        "OUTPUTS": str(outputs),
        "ASSEMBLY": str(directory / "cdk.out"),
    }

    def run(commands):
        script = commands.replace("key-policy.json", str(directory / "key-policy.json"))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        (found,) = json.loads(outputs.read_text()).values()
        return Deployment(cloud.emulator, found)

    return run


def filled(cloud):
    """The environment of an access key of the deployment, and the deployment's outputs."""
    deployment = cloud._deployment().with_own_key("door")
    rekognition = deployment.client("rekognition")
    rekognition.create_collection(CollectionId="staff")
    rekognition.index_faces(
        CollectionId="staff",
        Image={"Bytes": (PHOTOS / "obama.jpg").read_bytes()},
        ExternalImageId="obama",
    )
    # The emulator's CloudFormation forgets the table's key, which AWS's DescribeTable shows.
    deployment.client("dynamodb").update_table(
        TableName=deployment.outputs["TableName"],
        SSESpecification={
            "Enabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": deployment.outputs["KeyArn"],
        },
    )
    return deployment.own_key, deployment.outputs


def assert_works(deployment, own_key, photo_name):
    """A face of before is found with an access key of before; a dropped photo is searched; each
    writes a line of audit."""
    here = Deployment(deployment.emulator, deployment.outputs, own_key)
    rekognition, s3 = here.client("rekognition"), here.client("s3")
    photo = (PHOTOS / "obama2.jpg").read_bytes()
    reply = rekognition.search_faces_by_image(CollectionId="staff", Image={"Bytes": photo})
    assert [each["Face"]["ExternalImageId"] for each in reply["FaceMatches"]] == ["obama"]
    key = f"search/staff/{photo_name}.jpg"
    s3.put_object(Bucket=here.input_bucket, Key=key, Body=photo)
    (face,) = awaited(s3, here, key)["Faces"]
    assert [each["Face"]["ExternalImageId"] for each in face["FaceMatches"]] == ["obama"]
    table = deployment.client("dynamodb").describe_table(TableName=here.outputs["TableName"])
    assert table["Table"]["DeletionProtectionEnabled"] is True
    assert waiting.first(lambda: photos_in_the_trail(here), seconds=TIMEOUT_S, name="a line") == [
        key
    ]


def photos_in_the_trail(deployment):
    logs = deployment.client("logs")
    found = logs.filter_log_events(logGroupName=deployment.outputs["AuditLogGroup"])
    lines = [json.loads(each["message"]) for each in found["events"]]
    assert {line["outcome"] for line in lines} == {"OK"}
    return [line["images"]["Image"]["key"] for line in lines if line["way"] == "photo"]


def settings(deployment):
    dynamodb, name = deployment.client("dynamodb"), deployment.outputs["TableName"]
    expires = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return expires["AttributeName"], recovery["PointInTimeRecoveryStatus"]


@pytest.mark.timeout(900)
def test_the_commands_of_the_page_bring_everything_back(cloud, run):
    own_key, first = filled(cloud)
    kept = ("TableName", "InputBucket", "ResultsBucket", "SnapshotsBucket", "KeyArn")

    again = run(REDEPLOY)
    assert {name: again.outputs[name] for name in kept} == {name: first[name] for name in kept}
    assert again.outputs["ApiId"] != first["ApiId"]
    assert_works(again, own_key, "redeployed")

    # As the page says of a stack that has adopted its buckets.
    buckets = " ".join(
        f"-c {name.lower().replace('bucket', '_bucket')}={first[name]}" for name in kept[1:4]
    )
    commands = RESTORE.replace('-c key_arn="$KEY"', f'-c key_arn="$KEY" {buckets}')
    assert commands.count("npx cdk deploy") == 1
    restored = run(commands.replace("npx cdk deploy", f"{KEEP_THE_KEY}\nnpx cdk deploy"))
    assert restored.outputs["TableName"] == "Semblance-restored"
    assert settings(restored) == ("expires_at", "ENABLED")
    assert restored.client("dynamodb").list_tables()["TableNames"] == ["Semblance-restored"]

    destroy, _, move = MOVE.partition("\n")
    moved = run("\n".join([destroy, FIND_THE_NAMES, move]))
    assert moved.outputs["TableName"] == "Semblance-restored"
    assert moved.outputs["KeyArn"] == first["KeyArn"]
    assert moved.outputs["ApiFunction"].startswith("Faces-")
    assert_works(moved, own_key, "moved")
    policy = moved.client("kms").get_key_policy(KeyId=first["KeyArn"], PolicyName="default")
    assert ":log-group:*" in policy["Policy"]
    assert ":log-group:Semblance-" not in policy["Policy"]
