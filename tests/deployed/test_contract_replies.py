"""Every operation with every member of its request, over HTTP; each reply as the model has it."""

import pytest

from semblance.protocol import shapes
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


@pytest.mark.parametrize("operation", SPECIMENS)
def test_no_member_of_a_request_is_left_untried(stage, operation):
    examples = SPECIMENS[operation].examples
    used = {member for example in examples for member in example.request(stage)}
    assert used == set(shapes.operation(operation).input_shape.members)
