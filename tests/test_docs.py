"""The documents say what the code does."""

import re
from pathlib import Path

import pytest

from semblance.operations.table import OPERATIONS
from semblance.protocol import shapes
from tools import docs

ROOT = Path(__file__).parents[1]


@pytest.mark.infra
@pytest.mark.parametrize("name", docs.PAGES)
def test_a_generated_page_is_up_to_date(name):
    message = "stale: run `make docs`"
    assert (docs.DOCS / name).read_text(encoding="utf-8") == docs.PAGES[name](), message


@pytest.mark.infra
def test_the_readme_has_the_models_of_the_manifest_and_the_figures_of_the_last_run():
    assert docs.README.read_text(encoding="utf-8") == docs.readme(), "stale: run `make docs`"


def test_the_readme_names_the_operations_that_are_answered_and_no_other():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## What it answers")[2].partition("\n## ")[0]
    known = shapes.service_model().operation_names
    assert set(re.findall(r"[A-Z][A-Za-z]+", section)) & set(known) == OPERATIONS.keys()


def test_the_changelog_knows_the_version():
    (version,) = (
        line.split('"')[1]
        for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
        if line.startswith("version = ")
    )
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
