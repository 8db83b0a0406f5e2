import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infra.conftest import DEPLOYMENTS, Synthesised
from tests.infra.synthesis import ROOT, Template, make_app

pytestmark = pytest.mark.infra

# CDK itself writes this: DependsOn for a role that the function refers to anyway.
NOT_OURS = ["W3005"]


def test_outputs_are_the_documented_ones(image: Template) -> None:
    assert set(image["Outputs"]) == {
        "ApiFunction", "ApiId", "ApiKind", "ApiUrl", "AuditLogGroup", "Auth", "CompactorFunction",
        "DeadLetterQueueUrl", "InputBucket", "KeyArn", "ModelLicence", "ModelPack", "QueueUrl",
        "ResultsBucket", "SnapshotsBucket", "TableName", "WorkerFunction",
    }  # fmt: skip


def test_the_deployer_sees_the_licence_of_the_models(
    image: Template, every_choice: Template
) -> None:
    assert "non-commercial" not in image["Outputs"]["ModelLicence"]["Value"]
    assert "scrfd.onnx: " in every_choice["Outputs"]["ModelLicence"]["Value"]
    assert "non-commercial" in every_choice["Outputs"]["ModelLicence"]["Value"]


def test_the_stack_names_no_account_and_has_no_custom_resource(image: Template) -> None:
    assert not re.search(r"\b\d{12}\b", json.dumps(image))
    assert not [
        each["Type"]
        for each in image["Resources"].values()
        if each["Type"].startswith(("Custom::", "AWS::CloudFormation::CustomResource"))
    ]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_cdk_nag_finds_nothing(name: str, tmp_path: Path) -> None:
    app = make_app(tmp_path, **DEPLOYMENTS[name])
    _add_nag(app)
    app.synth()


def test_cdk_nag_would_find_a_violation(tmp_path: Path) -> None:
    from aws_cdk import Stack
    from aws_cdk import aws_s3 as s3

    app = make_app(tmp_path, packaging="source")
    s3.Bucket(Stack(app, "Careless"), "Bucket")
    _add_nag(app)
    with pytest.raises(RuntimeError, match="AwsSolutions-S1"):
        app.synth()


def _add_nag(app: Any) -> None:
    from aws_cdk import Validations
    from cdk_nag import AwsSolutionsChecks

    Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def test_cfn_lint_finds_nothing(deployment: Synthesised) -> None:
    cfn_lint = Path(sys.executable).with_name("cfn-lint")
    linted = subprocess.run(
        [cfn_lint, "--ignore-checks", *NOT_OURS, "--", deployment.template_file],
        capture_output=True,
        text=True,
    )
    assert (linted.returncode, linted.stdout) == (0, "")


@pytest.mark.parametrize("packaging", ["image", "source"])
def test_the_cdk_cli_synthesises(packaging: str, tmp_path: Path) -> None:
    done = cdk_synth(tmp_path, "-c", f"packaging={packaging}")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "Semblance.template.json").exists()


def test_the_cdk_cli_shows_the_reason_of_a_refusal(tmp_path: Path) -> None:
    done = cdk_synth(tmp_path, "-c", "auth=none")
    assert done.returncode != 0
    assert "auth=none is refused with packaging=image" in done.stderr
    assert "Traceback" not in done.stderr


def cdk_synth(outdir: Path, *options: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [ROOT / "node_modules/.bin/cdk", "synth", "--quiet", "--output", outdir, *options],
        cwd=ROOT,
        env=os.environ | {"PATH": path, "CDK_DISABLE_CLI_TELEMETRY": "true"},
        capture_output=True,
        text=True,
    )
