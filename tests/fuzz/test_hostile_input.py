"""A few hundred of each; `make fuzz` does as many as one likes."""

import pytest

from tests.fuzz import run

SEED = 1927


@pytest.mark.alone  # nothing may take ten seconds
@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "count"),
    [
        ("requests", 300),
        pytest.param("pictures", 200, marks=pytest.mark.model),
        ("photos", 100),
        ("signatures", 200),
    ],
)
def test_nothing_that_is_sent_is_answered_with_a_fault(part, count, tmp_path):
    """No fault, no crash, nothing beyond 10 seconds or the least memory of a function, no photo
    that is tried for ever and no forged request let in."""
    report = run.run(run.PARTS[part], run.Plan(SEED, count, folder=tmp_path))
    problems = [(found.case.made, found.outcome.problem) for found in report.findings]
    assert problems == []
    assert report.total == count
    codes = {code for _, code in report.counts}
    assert len(codes) >= 4  # it is not one thing that stops all of them
