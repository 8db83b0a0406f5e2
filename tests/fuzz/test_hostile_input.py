"""A few hundred cases of each part; `make fuzz` tries any number."""

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
def test_no_hostile_input_causes_a_fault(part, count, tmp_path):
    """No fault, no crash, nothing beyond 10 seconds or the memory of the smallest function, no
    photo that is retried for ever and no forged request that is accepted."""
    report = run.run(run.PARTS[part], run.Plan(SEED, count, folder=tmp_path))
    problems = [(found.case.made, found.outcome.problem) for found in report.findings]
    assert problems == []
    assert report.total == count
    codes = {code for _, code in report.counts}
    assert len(codes) >= 4  # so no single check stops all of them
