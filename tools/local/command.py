"""Starts and stops the local cloud of this checkout: `python -m tools.local up|down`."""

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path

from tools.checkout import LOCAL
from tools.local.cloud import Deployment, LocalCloud
from tools.local.emulator import CloudError, Emulator
from tools.terminal import complain, console, step

DEFAULT_PORT = 4566
KEY_NAME = "local"


def main(arguments: Sequence[str] | None = None, state: Path = LOCAL) -> int:
    options = _parser().parse_args(arguments)
    try:
        if options.command == "up":
            up(state, port=options.port, auth=options.auth)
        else:
            down(state)
    except CloudError as problem:
        complain(problem)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def up(state: Path, *, port: int | None, auth: str) -> None:
    """Start the local cloud unless it runs already, deploy this checkout to it, write `env`."""
    choices = {"auth": auth}
    emulator = Emulator.running_in(state / "cloud")
    if emulator is None:
        # With keys the service checks signatures itself; IAM does not know its keys.
        iam = auth == "iam"
        fresh = Emulator(directory=state / "cloud", port=port or DEFAULT_PORT, iam=iam)
        deployment = LocalCloud(fresh, step, choices).start()
    else:
        _require_as_asked(emulator, port, auth)
        console.print(f"The local cloud is already up at {emulator.url}; deploying again.")
        deployment = LocalCloud(emulator, step, choices).deploy()
    if auth == "keys":
        deployment = deployment.with_own_key(KEY_NAME)
    env = state / "env"
    env.unlink(missing_ok=True)
    env.touch(mode=0o600)
    env.write_text(env_file(deployment))
    _say_how_to_use(env, deployment)


def down(state: Path) -> None:
    emulator = Emulator.running_in(state / "cloud")
    (state / "env").unlink(missing_ok=True)
    if emulator is None:
        console.print("The local cloud is not running.")
    else:
        emulator.stop()
        console.print("The local cloud is stopped and its data is gone.")


def env_file(deployment: Deployment) -> str:
    exports = [
        f"export {name}={shlex.quote(value)}" for name, value in deployment.environment().items()
    ]
    return "\n".join(
        [
            "# Written by `make up`: points the AWS SDKs and CLI of a shell to the local cloud.",
            "unset AWS_PROFILE AWS_SESSION_TOKEN",
            *exports,
            "",
        ]
    )


def _require_as_asked(emulator: Emulator, port: int | None, auth: str) -> None:
    """Redeploying can switch between keys and none, but IAM is enforced from the start or never."""
    if emulator.iam != (auth == "iam") or port not in (None, emulator.port):
        having = "with" if emulator.iam else "without"
        raise CloudError(
            f"The local cloud is up at {emulator.url} {having} IAM enforced. "
            "Stop it first: make down"
        )


def _say_how_to_use(env: Path, deployment: Deployment) -> None:
    where = env.relative_to(Path.cwd()) if env.is_relative_to(Path.cwd()) else env
    console.print(
        f"""
The endpoint is [bold]{deployment.api_url}[/]
In this shell and with any AWS SDK:

  source {where}
  aws rekognition create-collection --collection-id staff
  aws s3 cp photo.jpg s3://$SEMBLANCE_INPUT_BUCKET/search/staff/photo.jpg
  aws s3 cp s3://$SEMBLANCE_RESULTS_BUCKET/results/search/staff/photo.jpg.json -

Its log is {deployment.emulator.log}; [bold]make down[/] stops it.""",
        soft_wrap=True,
    )
    if deployment.emulator.iam:
        console.print(
            "IAM is enforced. In AWS, which also checks the signing name, a boto3 client needs "
            "semblance.client.sign_for_api_gateway as well.",
            soft_wrap=True,
        )
    if deployment.own_key:
        console.print(
            f"Requests are signed with the key [bold]{KEY_NAME}[/]. To see it: semblance keys list",
            soft_wrap=True,
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up", help="start it, deploy the stack, leave it running")
    start.add_argument("--auth", choices=["none", "iam", "keys"], default="none")
    start.add_argument("--port", type=int, help=f"the port to listen on (default {DEFAULT_PORT})")
    commands.add_parser("down", help="stop it")
    return parser
