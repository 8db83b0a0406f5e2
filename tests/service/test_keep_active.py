"""The event that keeps a function active, passed to each handler as Lambda does."""

import json
import subprocess
import sys

import pytest

from semblance.contract.keep_active import EVENT

PROGRAM = """
import json, sys
from types import SimpleNamespace
from functions import {function}
from functions.runtime import bootstrap
lambda_context = SimpleNamespace(**json.loads(sys.argv[1]))
print(json.dumps({function}.handler(json.loads(sys.argv[2]), lambda_context)))
built = [make.cache_info().currsize for make in (
    bootstrap.service, bootstrap.outcomes, bootstrap.deliveries, bootstrap.trail,
    bootstrap._identify,
)]
assert built == [0] * 5, built
"""
LAMBDA = {
    "function_name": "x", "memory_limit_in_mb": 128, "aws_request_id": "1",
    "invoked_function_arn": "arn:aws:lambda:us-east-1:000000000000:function:x",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("function", ["api", "worker"])
def test_it_is_answered_without_a_line_a_metric_or_a_service(function: str) -> None:
    """In a process without any setting, where a service, a client or an audit trail would fail."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(function=function), json.dumps(LAMBDA),
         json.dumps(EVENT)],
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "{}\n"), done.stderr
