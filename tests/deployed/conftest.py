"""One local cloud for all of these tests, with IAM enforced, and clients that call it over HTTP."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from semblance.client import sign_for_api_gateway
from tools.checkout import CHECKOUT, PHOTOS
from tools.local.cloud import Deployment, LocalCloud
from tools.local.emulator import Emulator, free_port, without_clouds

# The emulator's REST API does not evaluate mapping templates, which tell several origins apart.
ORIGINS = {
    "REST": ["https://faces.example.com"],
    "HTTP": ["https://faces.example.com", "http://localhost:8000"],
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.deployed)


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment on its own port and in its own directory, beside any that `make up` runs."""
    emulator = Emulator(
        directory=tmp_path_factory.mktemp("local") / "cloud", port=free_port(), iam=True
    )
    with LocalCloud(emulator, choices={"cors_origins": ",".join(ORIGINS["REST"])}) as deployment:
        yield deployment


@pytest.fixture(scope="session")
def keys_stack(deployment: Deployment) -> Deployment:
    """A second stack in the same cloud, with auth=keys: callers use Semblance's own access keys."""
    choices = {
        "stack_name": "WithKeys",
        "auth": "keys",
        "signing_paths": "/faces/",
        "cors_origins": ",".join(ORIGINS["HTTP"]),
    }
    return LocalCloud(deployment.emulator, choices=choices).deploy()


@pytest.fixture(scope="session")
def stranger_key(keys_stack: Deployment) -> dict[str, str]:
    """A key that may list the collections it sees, and sees none. The command makes it, as for an
    operator."""
    command = [sys.executable, "-m", "semblance_cli", "keys", "create", "stranger", "--json"]
    rights = ["--operations", "ListCollections", "--collections", "nothing"]
    done = subprocess.run(
        [*command, *rights, "--stack", "WithKeys"],
        env=without_clouds(os.environ) | keys_stack.emulator.client_environment(),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told = json.loads(done.stdout)
    return {
        "aws_access_key_id": told["AccessKeyId"],
        "aws_secret_access_key": told["SecretAccessKey"],
    }


@pytest.fixture(scope="session")
def with_keys(keys_stack: Deployment, stranger_key: dict[str, str]) -> Deployment:
    """The stack with auth=keys, called with a key that may do everything. Both keys are made before
    the first call, so that the function has read them."""
    return keys_stack.with_own_key("tests")


@pytest.fixture(scope="session")
def rekognition(deployment: Deployment) -> Any:
    return sign_for_api_gateway(deployment.client("rekognition"))


@pytest.fixture(scope="session")
def s3(deployment: Deployment) -> Any:
    return deployment.client("s3")


@pytest.fixture
def collection(rekognition: Any) -> Iterator[str]:
    collection_id = str(uuid.uuid4())
    rekognition.create_collection(CollectionId=collection_id)
    yield collection_id
    rekognition.delete_collection(CollectionId=collection_id)


@pytest.fixture(scope="session")
def photo() -> Callable[[str], bytes]:
    return lambda name: (PHOTOS / name).read_bytes()


@pytest.fixture
def indexed(rekognition: Any, collection: str, photo: Callable[[str], bytes]) -> str:
    """The collection, with one photo of each of two people indexed."""
    for name in ("obama", "biden"):
        rekognition.index_faces(
            CollectionId=collection, Image={"Bytes": photo(f"{name}.jpg")}, ExternalImageId=name
        )
    return collection
