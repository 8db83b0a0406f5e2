"""The pages: they say what the code does, they find each other, and they speak to the reader."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from bench import report
from semblance.operations.table import OPERATIONS
from semblance.protocol import shapes
from tests.pages import ROOT, Page, written_pages
from tools.docs import pages

PAGES = {page.name: page for page in written_pages()}
MOST_WORDS_OF_THE_README = 900
MOST_WHAT, LEAST_YOU = 2, 5
"""In 1,000 words: `what` and its like make riddles, `you` speaks to the reader."""
OF_TODAY = [page for name, page in PAGES.items() if name != "CHANGELOG.md"]
"""The changelog may name commands and files that are gone."""


@pytest.mark.infra
@pytest.mark.parametrize("name", pages.PAGES)
def test_a_generated_page_is_up_to_date(name):
    if name == "docs/cli.md" and sys.version_info[:2] != (3, 11):
        pytest.skip("argparse lays out its help differently in each version of Python")
    message = "stale: run `make docs`"
    assert PAGES[name].text == pages.PAGES[name](), message


@pytest.mark.parametrize("name", report.PAGES)
def test_a_page_has_the_figures_of_the_last_measurement(name):
    assert PAGES[name].text == report.page(name), "stale: run `make docs`"


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_in_its_docstring_what_a_caller_meets(name):
    assert OPERATIONS[name].__doc__, "docs/operations.md shows the docstring of the function"


def test_the_readme_names_no_operation_that_is_not_answered():
    section = PAGES["README.md"].text.partition("## What it answers")[2].partition("\n## ")[0]
    known = shapes.service_model().operation_names
    assert set(re.findall(r"[A-Z][A-Za-z]+", section)) & set(known) <= OPERATIONS.keys()
    assert "(docs/operations.md)" in section, "it lists them all"


def test_the_changelog_knows_the_version():
    (version,) = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert f"\n## {version}" in PAGES["CHANGELOG.md"].text


def test_the_readme_is_short():
    assert len(PAGES["README.md"].text.split()) <= MOST_WORDS_OF_THE_README


@pytest.mark.parametrize("page", PAGES.values(), ids=str)
def test_every_link_leads_somewhere(page: Page):
    broken = []
    for link in page.links():
        file, _, anchor = link.partition("#")
        target = (page.path.parent / file).resolve() if file else page.path
        if not target.exists():
            broken.append(link)
        elif anchor:
            name = target.relative_to(ROOT).as_posix()
            if name not in PAGES or anchor not in PAGES[name].anchors():
                broken.append(link)
    assert broken == []


def test_the_index_names_every_page():
    index = PAGES["docs/README.md"]
    linked = {(index.path.parent / link.partition("#")[0]).resolve() for link in index.links()}
    missing = {
        name
        for name, page in PAGES.items()
        if name.startswith("docs/") and page is not index and page.path not in linked
    }
    decisions = PAGES["docs/decisions/README.md"]
    listed = {(decisions.path.parent / link).resolve() for link in decisions.links()}
    assert {name for name in missing if PAGES[name].path not in listed} == set()


@pytest.mark.parametrize("name", [name for name in PAGES if name != "README.md"])
def test_a_page_says_first_for_whom_it_is(name):
    title, _, rest = PAGES[name].text.partition("\n\n")
    assert title.startswith("# ")
    assert rest.startswith("For you who "), rest[:80]


def test_the_pages_speak_plainly_and_to_the_reader():
    words = [word for page in PAGES.values() for word in page.words()]
    riddles = sum(word in {"what", "whatever", "whoever"} for word in words)
    addressed = sum(word in {"you", "your", "yours", "yourself"} for word in words)
    assert 1000 * riddles / len(words) < MOST_WHAT
    assert 1000 * addressed / len(words) > LEAST_YOU


@pytest.mark.parametrize("page", OF_TODAY, ids=str)
def test_every_command_that_is_shown_exists(page: Page):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    commands = set(re.findall(r"^#+ (semblance.*)$", PAGES["docs/cli.md"].text, re.M))
    for command in page.commands():
        if found := re.match(r"make ([a-z]+)", command):
            assert found[1] in targets, command
        elif found := re.match(r"(?:\S*python )?-m ([\w.]+)", command):
            assert importlib.util.find_spec(found[1]), command
        elif found := re.match(r"semblance((?: [a-z][a-z-]+)+)", command):
            words = ["semblance", *found[1].split()]
            heads = {" ".join(words[: size + 1]) for size in range(1, len(words))}
            assert heads & commands, command


@pytest.mark.parametrize("page", OF_TODAY, ids=str)
def test_every_file_that_is_named_exists(page: Page):
    missing = [name for name in page.files() if not (ROOT / name).exists()]
    assert missing == []


def test_a_heading_has_the_anchor_that_github_gives_it():
    page = Page(Path("x.md"), "# A\n\n## `a_b`, and *c*: d-e\n\n## A\n\n```sh\n# no heading\n```\n")
    assert page.anchors() == {"a", "a_b-and-c-d-e", "a-1"}
