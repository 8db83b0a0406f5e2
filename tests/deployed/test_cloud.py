"""`make up` without IAM, and a shell that has sourced the file it wrote."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.checkout import CHECKOUT, PHOTOS
from tools.local.command import main
from tools.local.emulator import CloudError, Emulator, free_port, require_free, without_clouds
from tools.terminal import console

AWS = CHECKOUT / ".local" / "awscli" / "bin" / "aws"


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """The directory of a running local cloud."""
    directory, port = tmp_path_factory.mktemp("state"), free_port()
    assert run("up", directory, "--port", str(port))[0] == 0
    yield directory
    assert run("down", directory)[0] == 0
    require_free(port)


def run(command, state, *options):
    """The exit status, and the text that the developer reads."""
    with console.capture() as capture:
        status = main([command, *options], state)
    return status, capture.get()


def shell(state, script):
    done = subprocess.run(
        ["/bin/sh", "-euc", f". {state}/env\n{script}"],
        env=without_clouds(os.environ) | {"AWS_PROFILE": "somebody-elses"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_aws_cli_works_after_sourcing_env(state):
    reply = shell(
        state,
        f"""
        {AWS} rekognition create-collection --collection-id shell >/dev/null
        {AWS} rekognition index-faces --collection-id shell --external-image-id obama \\
            --image-bytes fileb://{PHOTOS}/obama.jpg >/dev/null
        {AWS} rekognition search-faces-by-image --collection-id shell \\
            --image-bytes fileb://{PHOTOS}/obama2.jpg
        """,
    )
    (match,) = json.loads(reply)["FaceMatches"]
    assert match["Face"]["ExternalImageId"] == "obama"


def test_boto3_works_after_sourcing_env(state):
    script = """
import boto3, os
client = boto3.client("rekognition")
client.create_collection(CollectionId="python")
print(*client.list_collections()["CollectionIds"])
boto3.client("s3").head_bucket(Bucket=os.environ["SEMBLANCE_INPUT_BUCKET"])
"""
    assert "python" in shell(state, f"{sys.executable} -c '{script}'").split()


def test_another_auth_is_refused_while_it_is_up(state):
    status, text = run("up", state, "--auth", "iam")
    assert status == 1
    assert "make down" in text


def test_a_port_in_use_is_named(state, tmp_path):
    port = Emulator.running_in(state / "cloud").port
    status, text = run("up", tmp_path, "--port", str(port))
    assert status == 1
    assert f"Port {port} is in use" in text


def test_a_second_one_in_the_same_place_is_refused_and_the_first_is_still_known(state):
    directory = state / "cloud"
    first = Emulator.running_in(directory)
    with pytest.raises(CloudError, match="already"):
        Emulator(directory=directory, port=free_port()).start()
    assert Emulator.running_in(directory) == first


def test_up_again_deploys_again_and_with_auth_keys_makes_a_key(state):
    """Twice: the second time the key exists and gets a new secret."""
    for _ in range(2):
        status, text = run("up", state, "--auth", "keys")
        assert status == 0
        assert "already" in text
        assert "semblance keys list" in text
    assert (state / "env").stat().st_mode & 0o077 == 0
    script = "echo $AWS_ACCESS_KEY_ID; semblance keys list; aws rekognition list-collections"
    path = f"PATH={Path(sys.executable).parent}:{AWS.parent}:$PATH"
    told = shell(state, f"{path}\n{script}")
    assert told.startswith("SMBL")
    assert "local" in told
    assert '"CollectionIds"' in told
    refused = f"AWS_SECRET_ACCESS_KEY=another {AWS} rekognition list-collections 2>&1 || true"
    assert "InvalidSignatureException" in shell(state, refused)


def test_down_removes_env_and_may_be_repeated(tmp_path):
    (tmp_path / "env").touch()
    for _ in range(2):
        assert run("down", tmp_path) == (0, "The local cloud is not running.\n")
    assert not (tmp_path / "env").exists()


def test_a_stale_record_is_ignored(tmp_path):
    """The process id in the record is of a live process that is not the cloud: this one."""
    (tmp_path / "cloud").mkdir()
    record = {"pid": os.getpid(), "port": 4566, "iam": False}
    (tmp_path / "cloud" / "emulator.json").write_text(json.dumps(record))
    assert run("down", tmp_path) == (0, "The local cloud is not running.\n")
