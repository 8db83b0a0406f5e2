"""Every command of the README is run: here, or by the test or the CI step that is named here."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deployed.results import awaited
from tools.checkout import CHECKOUT
from tools.local.cloud import Deployment

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
RUN_ELSEWHERE = {
    "make demo": "test_demo.py",
    "make test": "CI",
    "make up": "test_cloud.py",
    "source .local/env": "test_cloud.py",
    "make down": "test_cloud.py",
    "make fetch": "make test itself",
    "source .venv/bin/activate": "tests/infra/test_stack.py: the CDK CLI finds our Python on PATH",
    "npx cdk bootstrap": "the fixture `deployment`",
    "npx cdk deploy": "the fixture `deployment`, with packaging=source",
    "npx cdk deploy -c auth=keys": "the fixture `keys_stack`, with packaging=source",
    "npx cdk destroy": "test_destroy.py",
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    lines = "".join(blocks("sh")).replace("\\\n", " ").splitlines()
    return [re.sub(r" +", " ", line) for line in lines]


@pytest.fixture(scope="module")
def shell(deployment: Deployment):
    """A shell in the checkout, set up as `source .local/env` sets it up."""
    path = f"{CHECKOUT / '.local/awscli/bin'}:{os.environ['PATH']}"
    environment = os.environ | {"PATH": path} | deployment.environment()

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False,
            timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    return run


def test_the_commands_of_the_readme_work_in_their_order(shell, rekognition, s3, deployment):
    outputs = {
        command: shell("bash", "-c", command)
        for command in commands()
        if command not in RUN_ELSEWHERE
    }
    search = next(out for command, out in outputs.items() if "search-faces-by-image" in command)
    (match,) = json.loads(search)["FaceMatches"]
    assert match["Face"]["ExternalImageId"] == "obama"
    listing = next(out for command, out in outputs.items() if command.startswith("curl"))
    assert "staff" in json.loads(listing)["CollectionIds"]
    result = awaited(s3, deployment, "search/staff/gate-7/1.jpg")
    assert result["Outcome"] == "FacesSearched"
    names = {
        match["Face"]["ExternalImageId"]
        for face in result["Faces"]
        for match in face["FaceMatches"]
    }
    assert "obama" in names
    assert awaited(s3, deployment, "index/staff/biden.jpg")
    rekognition.delete_collection(CollectionId="staff")


def test_the_readmes_program_runs_as_it_stands(shell, rekognition, tmp_path: Path):
    (program,) = blocks("python")
    script = tmp_path / "program.py"
    script.write_text(program)
    assert shell(sys.executable, str(script)) == ""  # of Biden's photo, Obama's finds nobody
    faces = rekognition.list_faces(CollectionId="visitors")["Faces"]
    assert [face["ExternalImageId"] for face in faces] == ["biden"]
    rekognition.delete_collection(CollectionId="visitors")


def test_nothing_is_excused_that_is_not_in_the_readme():
    assert RUN_ELSEWHERE.keys() <= set(commands())
