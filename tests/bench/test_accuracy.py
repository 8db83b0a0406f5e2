"""`make accuracy` on sample photos: it writes numbers alone, and the tables come from them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench import accuracy_tables

pytestmark = [pytest.mark.model, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
PHOTOS = ROOT / ".local" / "photos"
PEOPLE = {"obama": ("obama.jpg", "obama2.jpg", "obama3.jpg"), "biden": ("biden.jpg",)}
MOBILEFACENET = "faceplugin-mobilefacenet-0.0.1-160"


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", "--only", "accuracy", "--no-plots", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    home = tmp_path_factory.mktemp("bench")
    for person, photos in PEOPLE.items():
        (home / "people" / person).mkdir(parents=True)
        for photo in photos:
            shutil.copy(PHOTOS / photo, home / "people" / person)
    done = bench("--people", str(home / "people"), "--into", str(home), "--data", str(home))
    assert done.returncode == 0, done.stderr
    return (home / "accuracy.json").read_text()


def test_every_pack_is_measured_with_and_without_the_filter(written: str):
    figure = json.loads(written)
    assert (figure["photos"], figure["people"]) == (4, 2)
    assert "open" in {pack["pack"] for pack in figure["packs"]}
    for pack in figure["packs"]:
        assert [row["filter"] for row in pack["filters"]] == ["NONE", "AUTO"]
        row = pack["filters"][0]
        assert (row["faces"], row["genuine_pairs"], row["impostor_pairs"]) == (4, 3, 3)
        assert [each["similarity"] for each in row["thresholds"]] == [80, 90, 95, 99]
        assert row["thresholds"][0]["tar"]["value"] == 1
        assert row["thresholds"][0]["far"]["hits"] == 0
        assert [each["supported"] for each in row["at_far"]] == [False] * 4


def test_no_name_and_no_file_is_written(written: str):
    for word in ("obama", "biden", ".jpg", str(Path.home())):
        assert word not in written


def test_rates_that_so_few_people_cannot_show_are_in_italics(written: str):
    figure = json.loads(written)
    rows = accuracy_tables.at_far(figure).splitlines()[2:]
    assert all(cell.strip().startswith("*") for row in rows for cell in row.split("|")[2:-1])
    assert "below " in accuracy_tables.thresholds(figure)


def test_figures_from_elsewhere_stand_beside_the_packs_with_their_embedder(written: str):
    figure = json.loads(written)
    other = json.loads((ROOT / "bench" / "results" / "accuracy-elsewhere.json").read_text())
    with_it = {pack["pack"] for pack in figure["packs"] if pack["model_id"] == MOBILEFACENET}
    table = accuracy_tables.elsewhere(figure, other)
    (row,) = [line for line in table.splitlines() if "5.6e-4 / 0.855" in line]
    assert set(row.split("|")[1].replace("`", "").strip().split(", ")) == with_it


def test_a_folder_is_needed():
    done = bench()
    assert done.returncode == 2
    assert "accuracy needs --people DIR" in done.stderr
