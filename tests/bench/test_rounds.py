"""Rounds are interleaved, and the commands in the documents reach the harness as written."""

import re
import subprocess
from pathlib import Path

import pytest

from bench.__main__ import FIGURES, main
from bench.rounds import interleaved, summary

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
(COMMANDS,) = re.findall(r"^```sh\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_every_round_measures_all_and_starts_with_a_different_one():
    asked = []
    found = interleaved(
        {name: lambda number, name=name: asked.append(name) or number for name in "ABC"}, rounds=3
    )
    assert "".join(asked) == "ABC" + "BCA" + "CAB" + "ABC"
    assert found == {name: [1, 2, 3] for name in "ABC"}  # the first round warms up and is left out


def test_the_median_comes_with_the_lowest_and_the_highest():
    assert summary([3.0, 1.0, 9.0]) == {"median": 3, "min": 1, "max": 9, "rounds": 3}


@pytest.mark.parametrize("command", COMMANDS.splitlines())
def test_make_bench_passes_its_options_on(command):
    told = subprocess.run(
        [*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = told.stdout.replace("\\\n", " ").splitlines()
    (line,) = [" ".join(line.split()) for line in lines if "-m bench" in line]
    options = dict(re.findall(r"(ONLY|SIZES|ROUNDS)=(\S+)", command))
    for name, value in options.items():
        assert f"--{name.lower()} {value}" in line
    assert set(options.get("ONLY", "search").split(",")) <= FIGURES.keys()


@pytest.mark.parametrize("options", [["--only", "everything"], ["--sizes", "many"]])
def test_an_unknown_figure_or_size_is_refused(options, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(options)
    assert options[0] in capsys.readouterr().err
