"""The command line itself: help, examples, usage errors, the version; and its page in docs/."""

import shlex
from importlib.metadata import version
from pathlib import Path

import pytest

from semblance.contract.operations import NAMES
from semblance.operations.table import OPERATIONS
from semblance_cli.main import main, parser
from tools.docs.cli import page

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
COLUMNS = 80


def all_of(command):
    yield command
    for each in command.commands:
        yield from all_of(each)


COMMANDS = {command.prog: command for command in all_of(parser())}


@pytest.fixture
def refused(capsys):
    """A function: stderr when these words are refused."""

    def call(*words):
        with pytest.raises(SystemExit) as stopped:
            main(words)
        assert stopped.value.code == 2
        out, err = capsys.readouterr()
        assert out == ""
        return err

    return call


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_fits_80_columns_and_ends_with_examples(name):
    text = COMMANDS[name].format_help()
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert text.partition("\nexamples:\n")[2].count("\n") == len(COMMANDS[name].examples) > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "example"),
    [(name, example) for name, command in COMMANDS.items() for example in command.examples],
)
def test_every_example_is_an_invocation_of_its_command(name, example):
    program, *words = shlex.split(example)
    assert program == "semblance"
    options = parser().parse_args(words)
    assert f"{options.parser.prog} ".startswith(f"{name} ")
    assert callable(options.run)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "semblance: error: the following arguments are required: COMMAND"),
        (["forgett"], "'forgett' is unknown: did you mean forget?"),
        (["import-foldr"], "'import-foldr' is unknown: did you mean import-folder?"),
        (["xyz"], "'xyz' is unknown: choose from import-folder, search-folder, accuracy, "),
        (
            ["keys", "lst"],
            "semblance keys: error: argument COMMAND: 'lst' is unknown: did you mean",
        ),
        (
            ["import-folder", "a"],
            "semblance import-folder: error: the following arguments are required: COLLECTION "
            "(see semblance import-folder --help)",
        ),
        (["import-folder", "a", "b", "--quality-filter", "HIHG"], "did you mean HIGH?"),
        (["keys", "list", "--jsno"], "semblance keys list: error: unknown: --jsno (see semblance "),
        (["compact", "--profile"], "argument --profile: expected one argument"),
    ],
)
def test_a_usage_error_is_one_line_that_helps(refused, words, text):
    said = refused(*words)
    assert text in said
    assert said.count("\n") == 1


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"semblance {version('semblance')}\n"


def test_the_reference_is_up_to_date(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: run `make docs`"


def test_keys_can_allow_the_operations_that_are_answered_and_no_others():
    assert tuple(OPERATIONS) == NAMES
