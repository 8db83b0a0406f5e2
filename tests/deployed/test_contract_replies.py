"""Every example of every operation, over HTTP; each reply fits the service model.

tests/test_specimens.py checks that the examples use every member of a request.
"""

import pytest

from tests.deployed.stage import Stage
from tools.specimens import SPECIMENS

EXAMPLES = [
    (name, example) for name, specimen in SPECIMENS.items() for example in specimen.examples
]


@pytest.fixture(scope="module", params=["deployment", "with_keys"])
def stage(request):
    return Stage.on(request.getfixturevalue(request.param))


@pytest.mark.parametrize(("operation", "example"), EXAMPLES)
def test_a_request_is_answered(stage, operation, example):
    reply = stage.call(operation, **example.request(stage))
    assert example.is_right(stage, reply), reply
