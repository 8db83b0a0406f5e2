"""The wheel, installed into clean environments: for a caller, and for an operator."""

import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CHECKOUT = Path(__file__).parents[2]
SIGNED_CALL = """
import boto3
from semblance.client import sign_for_api_gateway

client = boto3.client(
    "rekognition", endpoint_url="https://faces.test/v1", region_name="eu-west-1",
    aws_access_key_id="testing", aws_secret_access_key="testing",
)
signed = []

def stop(request, **_):
    signed.append(request.headers["Authorization"].decode())
    raise KeyboardInterrupt

client.meta.events.register("before-send", stop)
try:
    sign_for_api_gateway(client).list_collections()
except KeyboardInterrupt:
    pass
print(signed[0])
"""


class Environment:
    """A virtual environment of its own, without this checkout on its path."""

    def __init__(self, directory: Path) -> None:
        venv.create(directory, with_pip=False)
        self._bin = directory / "bin"
        self._directory = directory

    def install(self, requirement: str) -> None:
        python = str(self._bin / "python")
        run(sys.executable, "-m", "pip", "--python", python, "install", "-q", requirement)

    def __call__(self, program: str, *arguments: str, status: int = 0) -> str:
        return run(str(self._bin / program), *arguments, cwd=self._directory, status=status)

    def has(self, module: str) -> bool:
        code = f"import importlib.util as u; print(u.find_spec({module!r}) is not None)"
        return self("python", "-c", code) == "True\n"


def run(*command: str, cwd: Path = CHECKOUT, status: int = 0) -> str:
    """The output, of which stderr is a part when the command fails as it should."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + (done.stderr if status else "")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that no build directory of the checkout gets into it."""
    directory = tmp_path_factory.mktemp("wheel")
    source = directory / "source"
    for name in ("layers", "cli"):
        for path in (CHECKOUT / name).rglob("*"):
            if path.is_file() and path.suffix != ".pyc" and ".egg-info" not in str(path):
                target = source / path.relative_to(CHECKOUT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (source / name).write_bytes((CHECKOUT / name).read_bytes())
    options = ["-q", "--no-deps", "--no-build-isolation", "--wheel-dir", str(directory)]
    run(sys.executable, "-m", "pip", "wheel", *options, str(source))
    (wheel,) = directory.glob("semblance-*.whl")
    return wheel


@pytest.fixture(scope="module")
def caller(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    made = Environment(tmp_path_factory.mktemp("caller"))
    made.install(str(wheel))
    return made


@pytest.fixture(scope="module")
def operator(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    made = Environment(tmp_path_factory.mktemp("operator"))
    made.install(f"{wheel}[cli]")
    return made


def test_a_caller_gets_the_signing_helper_with_boto3_alone(caller: Environment) -> None:
    assert "/eu-west-1/execute-api/aws4_request" in caller("python", "-c", SIGNED_CALL)
    for module in ("rich", "numpy", "onnxruntime", "aws_lambda_powertools", "regex"):
        assert not caller.has(module), module


def test_a_caller_who_runs_the_command_learns_how_to_install_it(caller: Environment) -> None:
    (line,) = caller("semblance", "--version", status=2).splitlines()
    assert line.startswith("semblance: error: the command needs the extra `cli`: pip install")


def test_an_operator_gets_the_command_without_the_models_libraries(operator: Environment) -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert operator("semblance", "--version") == f"semblance {project['version']}\n"
    assert "import-folder" in operator("semblance", "--help")
    assert "examples:\n" in operator("semblance", "keys", "create", "--help")
    for module in ("numpy", "onnxruntime", "aws_lambda_powertools", "regex", "tools"):
        assert not operator.has(module), module


def test_an_operator_who_measures_accuracy_learns_how_to_install_it(operator: Environment) -> None:
    said = operator("semblance", "accuracy", "people", status=2)
    assert "needs the extra `accuracy`: pip install" in " ".join(said.split())


def test_the_packages_say_that_they_are_typed(operator: Environment) -> None:
    code = (
        "from importlib.resources import files as f; print(f({!r}).joinpath('py.typed').is_file())"
    )
    for package in ("semblance", "semblance_cli"):
        assert operator("python", "-c", code.format(package)) == "True\n"
