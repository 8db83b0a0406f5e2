"""The unmodified AWS CLI: it signs for `rekognition`, so it needs one of Semblance's own keys."""

import json
import os
import subprocess

import pytest

from tools.checkout import CHECKOUT, PHOTOS
from tools.local.emulator import without_clouds

AWS = CHECKOUT / ".local" / "awscli" / "bin" / "aws"


@pytest.fixture
def aws(with_keys):
    """A function that runs `aws rekognition` and returns the reply, or the text on stderr."""
    environment = without_clouds(os.environ) | with_keys.environment()

    def run(*arguments):
        done = subprocess.run(
            [AWS, "rekognition", *arguments, "--output", "json"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr

    return run


def test_a_collection_is_created_filled_searched_and_deleted(aws):
    assert aws("create-collection", "--collection-id", "cli")["StatusCode"] == 200
    here = ["--collection-id", "cli", "--image-bytes"]
    aws("index-faces", *here, fileb("obama.jpg"), "--external-image-id", "obama")
    found = aws("search-faces-by-image", *here, fileb("obama2.jpg"))
    assert [match["Face"]["ExternalImageId"] for match in found["FaceMatches"]] == ["obama"]
    assert aws("delete-collection", "--collection-id", "cli")["StatusCode"] == 200


def test_an_error_is_named(aws):
    message = aws("describe-collection", "--collection-id", "nowhere")
    assert "(ResourceNotFoundException)" in message


def fileb(photo):
    return f"fileb://{PHOTOS / photo}"
