import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infra.conftest import DEPLOYMENTS, Synthesised
from tests.infra.synthesis import ROOT, Template, make_app
from tools.local.emulator import without_clouds

pytestmark = pytest.mark.infra

# CDK itself writes this: DependsOn for a role that the function refers to anyway.
NOT_OURS = ["W3005"]


def test_outputs_are_the_documented_ones(image: Template) -> None:
    assert set(image["Outputs"]) == {
        "ApiFunction", "ApiId", "ApiKind", "ApiUrl", "AuditLogGroup", "Auth", "Choices",
        "CompactorFunction", "DeadLetterQueueUrl", "FinishingFunction", "InputBucket", "KeyArn",
        "ModelLicence", "ModelPack", "QueueUrl", "ResultsBucket", "SnapshotsBucket", "TableName",
        "WorkerFunction",
    }  # fmt: skip


def test_the_deployer_sees_the_licence_of_the_models(
    image: Template, every_choice: Template
) -> None:
    assert "non-commercial" not in image["Outputs"]["ModelLicence"]["Value"]
    assert "scrfd.onnx: " in every_choice["Outputs"]["ModelLicence"]["Value"]
    assert "non-commercial" in every_choice["Outputs"]["ModelLicence"]["Value"]


def test_the_stack_names_no_account_and_has_one_custom_resource(image: Template) -> None:
    assert not re.search(r"\b\d{12}\b", json.dumps(image))
    (custom,) = (
        each
        for each in image["Resources"].values()
        if each["Type"].startswith(("Custom::", "AWS::CloudFormation::CustomResource"))
    )
    function = image["Outputs"]["FinishingFunction"]["Value"]["Ref"]
    assert custom["Properties"]["ServiceToken"] == {"Fn::GetAtt": [function, "Arn"]}


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
    done = cdk_synth(tmp_path, "-c", "config=none", "-c", f"packaging={packaging}")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "Semblance.template.json").exists()


def test_the_cdk_cli_shows_the_reason_of_a_refusal(tmp_path: Path) -> None:
    done = cdk_synth(tmp_path, "-c", "config=none", "-c", "auth=none")
    assert done.returncode != 0
    assert "auth=none is refused with packaging=image" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_cdk_cli_needs_no_option_for_the_choices_of_the_file(tmp_path: Path) -> None:
    checkout, outdir = tmp_path / "checkout", tmp_path / "out"
    checkout.mkdir()
    for name in ("app.py", "cdk.json"):
        shutil.copy(ROOT / name, checkout)
    (checkout / "semblance.toml").write_text(
        'packaging = "source"\nstack_name = "Doors"\nthrottle_rate = 7\n'
    )
    done = cdk_synth(outdir, checkout=checkout)
    assert done.returncode == 0, done.stderr
    template = json.loads((outdir / "Doors.template.json").read_text())
    choices = json.loads(template["Outputs"]["Choices"]["Value"])
    assert choices == {
        "packaging": {"value": "source", "from": "semblance.toml"},
        "stack_name": {"value": "Doors", "from": "semblance.toml"},
        "throttle_rate": {"value": "7", "from": "semblance.toml"},
    }
    (checkout / "semblance.toml").write_text("throttle_rate = 0\n")
    done = cdk_synth(outdir, checkout=checkout)
    assert done.returncode != 0
    assert "throttle_rate=0 in semblance.toml is refused" in done.stderr
    # The local cloud asks for this, so that a developer's own file does not reach it.
    done = cdk_synth(outdir, "-c", "config=none", checkout=checkout)
    assert done.returncode == 0, done.stderr


def cdk_synth(
    outdir: Path, *options: str, checkout: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Without credentials, so that no account is asked."""
    modules = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [ROOT / "node_modules/.bin/cdk", "synth", "--quiet", "--output", outdir, *options],
        cwd=checkout,
        env=without_clouds(os.environ)
        | {"PATH": path, "PYTHONPATH": modules, "CDK_DISABLE_CLI_TELEMETRY": "true"},
        capture_output=True,
        text=True,
    )
