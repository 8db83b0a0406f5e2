"""Runs a program of this directory in Node, with a deployment as its environment."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tools.checkout import CHECKOUT
from tools.local.cloud import NODE_IS_FINE, Deployment
from tools.local.emulator import without_clouds

_HERE = Path(__file__).parent


def run_node(deployment: Deployment, program: str, *arguments: object) -> Any:
    """The JSON document that the program prints."""
    done = subprocess.run(
        ["node", _HERE / program, *map(str, arguments)],
        cwd=CHECKOUT,
        env=without_clouds(os.environ) | deployment.environment() | NODE_IS_FINE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
