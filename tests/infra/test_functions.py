import ast
import copy
import json
import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from semblance.contract import metrics, schema
from semblance.contract.settings import Settings
from tests.container.dockerfile import parse, python_of
from tests.infra.conftest import Synthesised
from tests.infra.synthesis import ROOT, Resource, Template, resources

pytestmark = pytest.mark.infra

OF_THE_CODE = ("Code", "Handler", "ImageConfig", "PackageType", "Runtime")


def function(template: Template, output: str) -> Resource:
    found: Resource = template["Resources"][template["Outputs"][output]["Value"]["Ref"]]
    return found


def settings_of(resource: Resource) -> Settings:
    variables = resource["Properties"]["Environment"]["Variables"]
    return Settings.from_env({name: json.dumps(value) for name, value in variables.items()})


def test_every_function_has_its_settings_in_its_environment(deployment: Synthesised) -> None:
    template = deployment.template
    for each in resources(template, "AWS::Lambda::Function"):
        settings = settings_of(each)
        assert json.loads(settings.table_name) == template["Outputs"]["TableName"]["Value"]
        assert json.loads(settings.input_bucket) == template["Outputs"]["InputBucket"]["Value"]
        assert json.loads(settings.results_bucket) == template["Outputs"]["ResultsBucket"]["Value"]
        snapshots = template["Outputs"]["SnapshotsBucket"]["Value"]
        assert json.loads(settings.snapshots_bucket) == snapshots
        assert json.loads(settings.account_id) == {"Ref": "AWS::AccountId"}
        assert json.loads(settings.region) == {"Ref": "AWS::Region"}


@pytest.mark.parametrize(
    ("name", "output", "service"),
    [
        ("image", "ApiFunction", "Semblance-api"),
        ("image", "WorkerFunction", "Semblance-worker"),
        ("image", "CompactorFunction", "Semblance-compactor"),
        ("every_choice", "ApiFunction", "Another-api"),
    ],
)
def test_logs_and_metrics_name_the_function_and_its_stack(
    name: str, output: str, service: str, request: pytest.FixtureRequest
) -> None:
    properties = function(request.getfixturevalue(name), output)["Properties"]
    variables = properties["Environment"]["Variables"]
    assert variables["POWERTOOLS_SERVICE_NAME"] == service
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == metrics.NAMESPACE


def test_calls_are_traced_from_the_gateway_on(deployment: Synthesised) -> None:
    """An HTTP API takes no part in traces: they begin with the function."""
    if deployment.template["Outputs"]["ApiKind"]["Value"] == "REST":
        (stage,) = resources(deployment.template, "AWS::ApiGateway::Stage")
        assert stage["Properties"]["TracingEnabled"] is True
    for each in resources(deployment.template, "AWS::Lambda::Function"):
        assert each["Properties"]["TracingConfig"] == {"Mode": "Active"}


def test_the_owners_choices_reach_the_settings(every_choice: Template) -> None:
    settings = settings_of(function(every_choice, "ApiFunction"))
    assert json.loads(settings.models_dir) == "/srv/models"
    assert json.loads(settings.model_pack) == "scrfd"
    assert json.loads(settings.event_bus) == "faces"
    bucket = every_choice["Outputs"]["InputBucket"]["Value"]
    assert json.loads(settings.image_buckets) == {
        "Fn::Join": ["", [bucket, ",holiday-photos,badges.example.com"]]
    }


def test_an_s3_object_may_name_the_input_bucket_alone_unless_more_are_listed(
    image: Template,
) -> None:
    settings = settings_of(function(image, "ApiFunction"))
    assert settings.image_buckets == settings.input_bucket


@pytest.mark.parametrize(
    ("output", "handler"),
    [
        ("ApiFunction", "functions.api.handler"),
        ("WorkerFunction", "functions.worker.handler"),
        ("CompactorFunction", "functions.compactor.handler"),
    ],
)
def test_both_packagings_start_the_same_handler(
    output: str, handler: str, image: Template, source: Template
) -> None:
    assert function(image, output)["Properties"]["ImageConfig"] == {"Command": [handler]}
    assert function(source, output)["Properties"]["Handler"] == handler
    module, _, name = handler.rpartition(".")
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_packagings_differ_in_the_code_alone(image: Template, source: Template) -> None:
    assert _without_code(image) == _without_code(source)


def _without_code(template: Template) -> Template:
    template = copy.deepcopy(template)
    for each in resources(template, "AWS::Lambda::Function"):
        each.pop("Metadata", None)
        for name in OF_THE_CODE:
            each["Properties"].pop(name, None)
    return template


def test_sizes_are_the_owners_choice(every_choice: Template) -> None:
    sizes = {
        output: {
            name: function(every_choice, output)["Properties"][name]
            for name in ("MemorySize", "Timeout", "EphemeralStorage")
        }
        for output in ("ApiFunction", "WorkerFunction", "CompactorFunction")
    }
    assert sizes == {
        "ApiFunction": {"MemorySize": 2048, "Timeout": 20, "EphemeralStorage": {"Size": 1024}},
        "WorkerFunction": {"MemorySize": 4096, "Timeout": 300, "EphemeralStorage": {"Size": 2048}},
        "CompactorFunction": {
            "MemorySize": 5120,
            "Timeout": schema.LONGEST_CALL_SECONDS,
            "EphemeralStorage": {"Size": 4096},
        },
    }


def test_the_architecture_is_the_owners_choice(every_choice: Template) -> None:
    for each in resources(every_choice, "AWS::Lambda::Function"):
        assert each["Properties"]["Architectures"] == ["arm64"]


def test_no_function_may_run_for_longer_than_erasure_waits(deployment: Synthesised) -> None:
    for each in resources(deployment.template, "AWS::Lambda::Function"):
        assert each["Properties"]["Timeout"] <= schema.LONGEST_CALL_SECONDS


@pytest.mark.parametrize(
    ("name", "rate"), [("image", "rate(15 minutes)"), ("every_choice", "rate(5 minutes)")]
)
def test_the_compactor_runs_on_a_schedule(
    name: str, rate: str, request: pytest.FixtureRequest
) -> None:
    template = request.getfixturevalue(name)
    (rule,) = resources(template, "AWS::Events::Rule")
    assert (rule["Properties"]["ScheduleExpression"], rule["Properties"]["State"]) == (
        rate,
        "ENABLED",
    )
    (target,) = rule["Properties"]["Targets"]
    compactor = template["Outputs"]["CompactorFunction"]["Value"]["Ref"]
    assert target["Arn"] == {"Fn::GetAtt": [compactor, "Arn"]}
    (permission,) = (
        each["Properties"]
        for each in resources(template, "AWS::Lambda::Permission")
        if each["Properties"]["Principal"] == "events.amazonaws.com"
    )
    assert permission["FunctionName"] == target["Arn"]


def test_a_failed_run_of_the_compactor_is_not_retried(image: Template) -> None:
    (config,) = resources(image, "AWS::Lambda::EventInvokeConfig")
    assert config["Properties"]["MaximumRetryAttempts"] == 0


def test_every_function_logs_to_a_group_with_retention(deployment: Synthesised) -> None:
    groups = {
        name: each["Properties"]["RetentionInDays"]
        for name, each in deployment.template["Resources"].items()
        if each["Type"] == "AWS::Logs::LogGroup"
    }
    used = [
        each["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
        for each in resources(deployment.template, "AWS::Lambda::Function")
    ]
    assert len(set(used)) == len(used)
    others = {name.rstrip("0123456789ABCDEF") for name in groups.keys() - set(used)}
    assert others == {"ApiAccessLog", "AuditLog"}
    assert all(groups.values())
    assert {groups[name] for name in used} < {30, 365}


def test_one_image_serves_all_functions(synthesised: Callable[[str], Synthesised]) -> None:
    (asset,) = _assets(synthesised("image"))["dockerImages"].values()
    assert asset["source"]["dockerFile"] == "functions/Dockerfile"
    assert asset["source"]["dockerBuildArgs"] == {"MODEL_PACK": "open"}
    assert asset["source"]["platform"] == "linux/amd64"


def test_the_build_context_holds_only_the_files_that_are_copied(
    synthesised: Callable[[str], Synthesised],
) -> None:
    (context,) = synthesised("image").directory.glob("asset.*/")
    found = {str(path.relative_to(context)) for path in context.rglob("*") if path.is_file()}
    expected = re.compile(
        r"functions/(\w+\.py|runtime/\w+\.py|Dockerfile)|infra/(__init__|packs|weights)\.py|"
        r"layers/semblance/.+|packs/.+|\.local/models/[\w.]+|requirements/(build|image)\.txt|"
        r"pyproject\.toml|README\.md|LICENSE|\.dockerignore"
    )
    assert {name for name in found if not expected.fullmatch(name)} == set()
    assert not [name for name in found if "__pycache__" in name]


def test_the_source_bundle_holds_no_dependencies(synthesised: Callable[[str], Synthesised]) -> None:
    (bundle,) = synthesised("source").directory.glob("asset.*/")
    assert {path.name for path in bundle.iterdir()} == {"functions", "semblance"}
    files = [path for path in (bundle / "functions").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".py"}
    assert not list(bundle.rglob("__pycache__"))


def _assets(deployment: Synthesised) -> dict[str, Any]:
    (file,) = deployment.directory.glob("*.assets.json")
    assets: dict[str, Any] = json.loads(file.read_text())
    return assets


def test_one_python_for_the_image_the_bundle_the_lock_and_the_types() -> None:
    from infra.functions import PYTHON

    base = next(parse((ROOT / "functions/Dockerfile").read_text())).words
    lock = (ROOT / "requirements/image.txt").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    version = python_of(base)
    assert PYTHON.name == f"python{version}"
    assert f"autogenerated by pip-compile with Python {version}" in lock
    assert project["tool"]["mypy"]["python_version"] == version
