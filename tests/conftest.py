"""What holds for all tests."""

import gc
import re
from pathlib import Path

import pytest
from hypothesis import settings

# A test that is slow today runs beside others: the machine is late then, and not the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Imported modules stay. Searching them for garbage every 700 objects takes a tenth of the CPU time
# of `make unit`.
gc.set_threshold(100_000, 50, 50)

_MARKS_OF_A_MODULE = re.compile(r"^pytestmark = (.+)$", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out a module whose every test has a mark that is not wanted: reading it, to select
    nothing from it, is a third of the cost of collecting the tests of `make unit`."""
    wanted = str(config.option.markexpr)
    if " or " in wanted or not collection_path.match("test_*.py"):
        return None
    marks = _MARKS_OF_A_MODULE.search(collection_path.read_text(encoding="utf-8"))
    if marks is None:
        return None
    names = re.findall(r"pytest\.mark\.(\w+)", marks[1])
    return any(re.search(rf"\bnot {name}\b", wanted) for name in names) or None
