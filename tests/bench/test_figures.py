"""Each benchmark in a tiny form: the harness works, and its claims about Semblance are true.

Search is measured beside the rivals where `make bench` has installed them.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # each is measured by a process of its own

ROOT = Path(__file__).parents[2]
RIVALS = ROOT / ".local" / "bench" / "bin" / "python"
FACES = 2_000


@pytest.fixture(scope="module")
def measure(tmp_path_factory):
    data = tmp_path_factory.mktemp("bench")

    def run(figure, python=sys.executable):
        options = f"--only {figure} --sizes {FACES} --faces {FACES} --rounds 1 --no-plots"
        command = [python, "-m", "bench", *options.split(), "--data", data, "--into", data]
        subprocess.run(command, cwd=ROOT, check=True)
        return json.loads((data / f"{figure}.json").read_text())

    return run


def test_search_finds_what_exact_search_finds_in_its_order(measure):
    figure = measure("search", RIVALS if RIVALS.exists() else sys.executable)
    measured = [row for row in figure["rows"] if "ms" in row]
    ours = [row for row in measured if row["engine"] == "ours"]
    assert [row["threads"] for row in ours] == [1, 2]
    for row in ours:
        assert (row["faces"], row["found"], row["same_order"]) == (FACES, 1, 1)
    assert {"ours", "numpy", "simsimd int8"} <= {row["engine"] for row in measured}
    exact = [row for row in measured if row["engine"] in ("numpy", "faiss flat", "usearch exact")]
    assert {row["same_order"] for row in exact} == {1}
    assert figure["machine"]["packages"]["simsimd"][0].isdigit()


def test_large_starts_from_its_snapshot(measure):
    figure = measure("large")
    assert (figure["faces"], figure["found"], figure["same_order"]) == (FACES, 1, 1)
    assert figure["snapshot_bytes"] > FACES * 176
    assert figure["rss_bytes"] > 0


@pytest.mark.model
def test_every_installed_pipeline_reads_the_pictures(measure):
    rows = [row for row in measure("pictures")["rows"] if "ms" in row]
    ours = [row for row in rows if row["label"].startswith("Semblance")]
    assert [row["faces"] for row in ours] == [1, 1, 1, 29, 29, 29]
    assert all(row["faces"] >= 1 for row in rows)


@pytest.mark.model
def test_starts_are_listed_step_by_step(measure):
    figure = measure("starts")
    answered = [row for row in figure["rows"] if row["label"].startswith("Semblance")]
    assert len(answered) == 2
    steps = [row["step"] for row in figure["steps"]]
    assert steps[0] == "python"
    assert "collection loaded and scanned" in steps
    assert all(row["cpu_ms"]["median"] > 0 for row in answered)


@pytest.mark.model
def test_load_is_measured_with_one_client_and_with_many(measure):
    rows = measure("load")["rows"]
    assert [row["clients"] for row in rows] == [1, 2, 4, 8]
    assert all(row["calls_a_second"]["median"] > 0 for row in rows)
