"""The record of the choices of a deployed stack, read as `cdk deploy` does before it deploys."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import pytest

from infra import deployed, differences
from infra.choices import Choices
from infra.config import DeploymentConfig
from tools.local.emulator import free_port

ACCOUNT, REGION = "123456789012", "eu-west-1"
CDK = {"CDK_DEFAULT_ACCOUNT": ACCOUNT, "CDK_DEFAULT_REGION": REGION}
CHOSEN = {"auth": {"value": "keys", "from": "-c"}}
NOW = Choices(DeploymentConfig())


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


class Answers(BaseHTTPRequestHandler):
    """CloudFormation with one stack at most, and STS."""

    outputs: dict[str, str] | None = None

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if asked["Action"] == ["GetCallerIdentity"]:
            self._reply(200, _result("GetCallerIdentity", f"<Account>{ACCOUNT}</Account>"))
        elif self.outputs is None:
            error = f"Stack with id {asked['StackName'][0]} does not exist"
            code = "<Type>Sender</Type><Code>ValidationError</Code>"
            self._reply(
                400,
                f"<ErrorResponse><Error>{code}<Message>{error}</Message></Error></ErrorResponse>",
            )
        else:
            outputs = "".join(
                f"<member><OutputKey>{name}</OutputKey><OutputValue>{escape(value)}</OutputValue>"
                "</member>"
                for name, value in self.outputs.items()
            )
            arn = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/Semblance/1"
            stack = f"<StackId>{arn}</StackId><Outputs>{outputs}</Outputs>"
            self._reply(
                200, _result("DescribeStacks", f"<Stacks><member>{stack}</member></Stacks>")
            )

    def _reply(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        pass


def _result(action: str, content: str) -> str:
    return f"<{action}Response><{action}Result>{content}</{action}Result></{action}Response>"


@pytest.fixture
def cloud(credentials: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Answers]]:
    """No stack is deployed in it; set `outputs` to deploy one."""
    answers = type("OfThisTest", (Answers,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        yield answers
        server.shutdown()


def told(**environment: Any) -> str:
    return differences.text(NOW, CDK | environment)


def test_a_change_against_the_deployed_stack_is_told(cloud: type[Answers]) -> None:
    cloud.outputs = {"Choices": json.dumps(CHOSEN)}
    assert told() == (
        "Choices that differ from the stack Semblance:\n"
        "  auth: keys -> iam  (was given with -c and returns to its default: "
        "write it into semblance.toml)\n"
    )


def test_the_same_choices_are_no_news(cloud: type[Answers]) -> None:
    cloud.outputs = {"Choices": "{}"}
    assert told() == ""


def test_a_first_deployment_has_nothing_to_compare_with(cloud: type[Answers]) -> None:
    assert told() == ""
    cloud.outputs = {}
    assert deployed.record("Semblance", ACCOUNT, REGION) is None


@pytest.mark.parametrize("exists", [True, False])
def test_credentials_for_another_account_compare_nothing(
    exists: bool, cloud: type[Answers]
) -> None:
    if exists:
        cloud.outputs = {"Choices": json.dumps(CHOSEN)}
    assert told(CDK_DEFAULT_ACCOUNT="999999999999") == (
        "Choices cannot be compared with the stack Semblance: the environment has credentials for "
        "the account 123456789012, but the CDK uses 999999999999: set AWS_PROFILE instead of "
        "--profile\n"
    )


def test_a_stack_of_an_earlier_version_is_told(cloud: type[Answers]) -> None:
    cloud.outputs = {"ApiUrl": "https://example.com"}
    assert told() == (
        "Choices cannot be compared with the stack Semblance: an earlier version deployed it, "
        "which kept no record of its choices\n"
    )


@pytest.mark.parametrize("record", ["[]", '{"auth": "keys"}', '{"auth": {}}', "{"])
def test_a_record_that_nobody_understands_is_one_line(record: str, cloud: type[Answers]) -> None:
    cloud.outputs = {"Choices": record}
    assert told().startswith("Choices cannot be compared with the stack Semblance: ")
    assert told().count("\n") == 1


def test_an_account_out_of_reach_is_one_line(
    credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    line = told()
    assert line.startswith("Choices cannot be compared with the stack Semblance: Could not connect")
    assert line.count("\n") == 1
