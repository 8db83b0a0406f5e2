"""The documents say what the code does."""

from pathlib import Path

import pytest

from semblance.operations.table import OPERATIONS
from tools import docs

ROOT = Path(__file__).parents[1]


@pytest.mark.infra
@pytest.mark.parametrize("name", docs.PAGES)
def test_a_generated_page_is_up_to_date(name):
    message = "stale: run `make docs`"
    assert (docs.DOCS / name).read_text(encoding="utf-8") == docs.PAGES[name](), message


def test_the_readme_lists_the_operations_that_are_answered():
    rows = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    listed = [row.split("|")[1].strip() for row in rows if row.startswith("| ")]
    assert [name for name in listed if name in OPERATIONS] == list(OPERATIONS)


def test_the_changelog_knows_the_version():
    (version,) = (
        line.split('"')[1]
        for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
        if line.startswith("version = ")
    )
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
