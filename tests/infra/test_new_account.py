"""The defaults fit an account that is new: AWS gives it less concurrency and less memory.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: "New AWS accounts have
reduced concurrency and memory quotas." Their numbers come from Lambda's own refusals: "MemorySize
value failed to satisfy constraint: Member must have value less than or equal to 3008", and 10
concurrent executions in Service Quotas.
"""

import pytest

from tests.infra.synthesis import Template, resources
from tests.infra.test_storage import only

pytestmark = pytest.mark.infra

MEMORY_MIB, CONCURRENCY = 3008, 10
COMPACTOR, LEFT_FOR_THE_API = 1, 4
CALLS_PER_CONCURRENCY = 10
"""Requests a second that Lambda takes for each unit of concurrency, on the page above."""


@pytest.fixture
def new(image: Template) -> Template:
    """The template with every choice at its default."""
    return image


def test_functions_fit_its_memory(new: Template) -> None:
    sizes = [each["Properties"]["MemorySize"] for each in resources(new, "AWS::Lambda::Function")]
    assert sizes
    assert max(sizes) <= MEMORY_MIB


def test_functions_share_its_concurrency(new: Template) -> None:
    """A reservation is refused, since it would leave the account fewer than Lambda keeps free."""
    for each in resources(new, "AWS::Lambda::Function"):
        assert "ReservedConcurrentExecutions" not in each["Properties"]
    mapping = only(new, "AWS::Lambda::EventSourceMapping")["Properties"]
    workers = mapping["ScalingConfig"]["MaximumConcurrency"]
    assert workers + COMPACTOR + LEFT_FOR_THE_API <= CONCURRENCY


def test_a_photo_outlives_throttles(new: Template) -> None:
    """A delivery that Lambda throttles counts as a try; AWS recommends five at least:
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
    tries = [
        each["Properties"]["RedrivePolicy"]["maxReceiveCount"]
        for each in resources(new, "AWS::SQS::Queue")
        if "RedrivePolicy" in each["Properties"]
    ]
    assert tries
    assert min(tries) >= 5


def test_the_gateway_lets_no_more_calls_a_second_through_than_lambda_takes() -> None:
    from infra.config import DeploymentConfig

    assert DeploymentConfig().throttle_rate <= CALLS_PER_CONCURRENCY * CONCURRENCY
