"""Every command of the README and of docs/getting-started.md is run: here, in its order, or by the
test or the CI step that is named here."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from semblance.contract.layout import result_name
from tests.deployed.results import awaited
from tests.pages import ROOT, Page
from tools.checkout import CHECKOUT
from tools.local.cloud import Deployment

Run = Callable[..., str]

README, GETTING_STARTED = (
    Page(ROOT / name, (ROOT / name).read_text(encoding="utf-8"))
    for name in ("README.md", "docs/getting-started.md")
)
RUN_ELSEWHERE = {
    "make demo": "test_demo.py",
    "make up": "test_cloud.py",
    "source .local/env": "test_cloud.py",
    "make down": "test_cloud.py",
    "make fetch": "make test itself",
    "source .venv/bin/activate": "tests/infra/test_stack.py: the CDK CLI finds our Python on PATH",
    "npx cdk bootstrap": "the fixture `deployment`",
    "npx cdk deploy": "the fixture `deployment`, with packaging=source",
    "make configuration": "tests/infra/test_choices.py; test_choices.py deploys such a file",
    "npx cdk destroy": "test_destroy.py",
    'pip install ".[cli]"': "tests/cli/test_wheel.py",
    "pip wheel --no-deps .": "tests/cli/test_wheel.py",
    "pip install 'semblance-0.2.0-py3-none-any.whl[cli]'": "tests/cli/test_wheel.py",
}


def commands(page: Page) -> list[str]:
    lines = "".join(page.blocks("sh")).replace("\\\n", " ").splitlines()
    return [" ".join(line.split()) for line in lines]


@pytest.fixture(scope="module")
def shell(deployment: Deployment) -> Run:
    """A shell in the checkout, as `source .local/env` and `source .venv/bin/activate` leave it."""
    paths = [str(Path(sys.executable).parent), str(CHECKOUT / ".local/awscli/bin")]
    path = os.pathsep.join([*paths, os.environ["PATH"]])
    environment = os.environ | deployment.environment() | {"PATH": path}

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False,
            timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    return run


def outputs_of(page: Page, shell: Run) -> list[tuple[str, str]]:
    """(command, output) of each command that is run here, in the order of the page."""
    return [
        (command, shell("bash", "-c", command))
        for command in commands(page)
        if command not in RUN_ELSEWHERE
    ]


def outputs_with(words: str, outputs: list[tuple[str, str]]) -> list[str]:
    return [output for command, output in outputs if words in command]


def names_in(matches: list[dict[str, dict[str, str]]]) -> list[str]:
    return [match["Face"]["ExternalImageId"] for match in matches]


def test_the_commands_of_the_readme_work_in_their_order(shell, rekognition, s3, deployment):
    for key in ("index/staff/biden.jpg", "search/staff/gate-7/1.jpg"):
        # test_invoke.py drops photos under the same keys.
        s3.delete_object(Bucket=deployment.results_bucket, Key=result_name(key))
    outputs = outputs_of(README, shell)
    (search,) = outputs_with("search-faces-by-image", outputs)
    assert names_in(json.loads(search)["FaceMatches"]) == ["obama"]
    assert awaited(s3, deployment, "index/staff/biden.jpg")
    result = awaited(s3, deployment, "search/staff/gate-7/1.jpg")
    assert result["Outcome"] == "FacesSearched"
    assert {name for face in result["Faces"] for name in names_in(face["FaceMatches"])} == {"obama"}
    (help_text,) = outputs_with("semblance --help", outputs)
    assert "import-folder" in help_text
    rekognition.delete_collection(CollectionId="staff")


def test_the_program_of_the_readme_finds_a_match(shell, rekognition, tmp_path: Path):
    (program,) = README.blocks("python")
    script = tmp_path / "program.py"
    script.write_text(program)
    name, similarity = shell(sys.executable, str(script)).split()
    assert name == "obama"
    assert float(similarity) > 99
    rekognition.delete_collection(CollectionId="visitors")


def test_the_commands_of_getting_started_work_in_their_order(shell, rekognition, deployment):
    # `semblance check` would name the dead letters that other modules leave in this cloud.
    deployment.client("sqs").purge_queue(QueueUrl=deployment.outputs["DeadLetterQueueUrl"])
    outputs = outputs_of(GETTING_STARTED, shell)
    found, nobody = outputs_with("aws rekognition search-faces-by-image", outputs)
    (match,) = json.loads(found)["FaceMatches"]
    assert match["Face"]["ExternalImageId"] == "obama"
    assert match["Similarity"] > 99.9
    assert json.loads(nobody)["FaceMatches"] == []
    (result,) = outputs_with('1.jpg.json" -', outputs)
    assert names_in(json.loads(result)["Faces"][0]["FaceMatches"]) == ["obama"]
    (table,) = outputs_with("search-folder", outputs)
    assert "obama2" in table
    (report,) = outputs_with("semblance forget", outputs)
    assert report
    (listing,) = outputs_with("curl", outputs)
    assert "office" in json.loads(listing)["CollectionIds"]
    names = {face.get("ExternalImageId") for face in faces(rekognition, "office")}
    assert "obama" not in names
    assert "biden" in names
    rekognition.delete_collection(CollectionId="office")


def test_the_program_of_getting_started_runs_as_it_stands(shell, tmp_path: Path):
    (program,) = GETTING_STARTED.blocks("python")
    script = tmp_path / "program.py"
    script.write_text(program)
    assert shell(sys.executable, str(script)).startswith("[")


def test_nothing_is_excused_that_is_on_neither_page():
    assert RUN_ELSEWHERE.keys() <= {*commands(README), *commands(GETTING_STARTED)}


def faces(rekognition, collection: str):
    return rekognition.list_faces(CollectionId=collection)["Faces"]
