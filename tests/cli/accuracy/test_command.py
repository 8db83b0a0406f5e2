"""`semblance accuracy` with the real models on the sample photos: its files, answers, refusals."""

import json
import re
import shutil
from pathlib import Path

import pytest

from semblance_cli.main import main

pytestmark = pytest.mark.model

ROOT = Path(__file__).parents[3]
PHOTOS, MODELS = ROOT / ".local" / "photos", ROOT / ".local" / "models"
PEOPLE = {
    "obama": ("obama.jpg", "obama2.jpg", "obama3.jpg", "obama_partial_face.jpg"),
    "biden": ("biden.jpg",),
    "gauss": ("gauss.png",),
    "newton": ("newton.png",),
}
PAGE = ROOT / "docs" / "accuracy.md"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the photos of four people, and the tables that name them."""
    home = tmp_path_factory.mktemp("home")
    for person, photos in PEOPLE.items():
        (home / "people" / person).mkdir(parents=True)
        for photo in photos:
            shutil.copy(PHOTOS / photo, home / "people" / person)
    (home / ".local").mkdir()
    (home / ".local" / "models").symlink_to(MODELS)
    rows = [
        f"people/{person}/{photo},{person},{'paint' if photo.endswith('png') else 'film'}"
        for person, photos in PEOPLE.items()
        for photo in photos
    ]
    (home / "people.csv").write_text("\n".join(["photo,person,camera", *rows]))
    (home / "groups.csv").write_text("person,age\nobama,new\nbiden,new\ngauss,old\nnewton,old\n")
    return home


@pytest.fixture
def measured(home: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """A function: status, stdout and stderr of the command, in that folder."""
    monkeypatch.chdir(home)
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str):
        status = main(["accuracy", *words])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_the_photos_of_four_people_are_told_apart(measured, home: Path):
    status, out, err = measured(
        "people", "--pack", "open", "--far", "0.5,1e-4", "--gallery", "1000"
    )
    assert status == 1, "a FAR of 1e-4 takes more people"
    assert "A FAR of 1.0e-4 cannot be shown by so few people: it takes 246." in out
    assert "biometric data: --forget removes them." in err
    folder = home / "semblance-accuracy"
    report = json.loads((folder / "report.json").read_text())
    assert (report["pack"], report["quality_filter"], report["face"]) == ("open", "AUTO", "largest")
    assert (report["people"], report["people_with_pairs"], report["pairs_of_people"]) == (4, 1, 6)
    assert report["enrolment"]["photos"] == 7
    faces = report["faces"]
    assert faces == report["enrolment"]["enrolled"] >= 6
    assert report["thresholds"][0]["tar"]["value"] == 1
    assert [each["far"]["hits"] for each in report["thresholds"]] == [0, 0, 0, 0]
    assert report["thresholds"][0]["far"]["high"] > 0.3, "six pairs of people show little"
    assert [each["supported"] for each in report["wanted"]] == [True, False]
    assert report["wanted"][0]["threshold"]["similarity"] < 80
    assert sum(report["impostor"]["histogram"]["pairs"]) == report["impostor"]["pairs"]
    assert report["gallery"]["people"] == 1000
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == dict.fromkeys(
        ["plot.svg", "report.html", "report.json", "templates.sqlite"], 0o600
    )
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_page_stands_alone_and_names_the_figures(measured, home: Path):
    measured("people", "--pack", "open", "--gallery", "1000", "--out", "page")
    page = (home / "page" / "report.html").read_text()
    assert "<svg" in page
    assert re.findall(r"(?:src|href)=\"(?!data:)[^\"#]*\"", page.replace("xlink:", "")) == []
    assert "4 people make 6 pairs of people: far too few to measure a rate." in page
    assert "A gallery of 1,000 people" in page
    assert "100.0 % (20.6 % to 100.0 %)" in page, "one person with several photos"
    assert "prefers-color-scheme: dark" in page


def test_a_second_run_reads_nothing_and_forget_removes_the_templates(measured, home: Path):
    measured("people", "--pack", "open", "--out", "twice")
    kept = home / "twice" / "templates.sqlite"
    before = kept.read_bytes()
    measured("people", "--pack", "open", "--out", "twice", "--quality-filter", "NONE")
    assert kept.read_bytes() == before
    assert json.loads((home / "twice" / "report.json").read_text())["faces"] == 7
    _, _, err = measured("people", "--pack", "open", "--out", "twice", "--forget")
    assert not kept.exists()
    assert "The templates are removed" in err


def test_one_person_under_two_names_is_shown(measured, home: Path):
    wrong = home / "wrong"
    shutil.copytree(home / "people", wrong)
    shutil.copytree(wrong / "obama", wrong / "barack")
    shutil.copy(wrong / "biden" / "biden.jpg", wrong / "newton")
    _, out, _ = measured("wrong", "--pack", "open", "--out", "doubt", "--quality-filter", "NONE")
    assert "Look at them: 2 pairs of names that may be one person, 1 name" in out
    report = json.loads((home / "doubt" / "report.json").read_text())
    alike, different = report["doubtful"].values()
    assert {name.partition("/")[0] for pair in alike[:1] for name in pair["files"]} <= {
        "barack", "obama", "biden", "newton",
    }  # fmt: skip
    assert alike[0]["similarity"] == 100
    assert set(different[0]["files"]) == {"newton/biden.jpg", "newton/newton.png"}
    assert (home / "doubt" / "doubtful.jpg").read_bytes().startswith(b"\xff\xd8")
    page = (home / "doubt" / "report.html").read_text()
    assert page.count('src="data:image/jpeg;base64,') == 2 * (len(alike) + len(different))


def test_groups_that_are_too_small_are_not_compared(measured, home: Path):
    _, out, _ = measured("people", "--pack", "open", "--groups", "groups.csv", "--by", "age",
                         "--out", "by")  # fmt: skip
    assert "new: 2 people, 1 of them with two photos or more. These numbers are too small" in out
    assert "nothing can be said about fairness" in out
    groups = json.loads((home / "by" / "report.json").read_text())["groups"]
    assert [(group["name"], group["people"]) for group in groups] == [("new", 2), ("old", 2)]
    assert groups[1]["thresholds"][0]["tar"]["value"] is None


def test_every_command_of_the_page_works(measured, home: Path):
    """In their order, in a folder that has the page's people."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    commands = [line.split() for line in lines if line.startswith("semblance accuracy ")]
    assert len(commands) >= 4
    for _, _, *words in commands:
        status, out, _ = measured(*words)
        assert status in (0, 1), words
        assert "similarity" in out
    assert not (home / "measured" / "templates.sqlite").exists()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("people", "--pack", "opne"), "no model pack 'opne': open, "),
        (
            ("people", "--models", "nowhere", "--out", "x"),
            "Run `make fetch` in your checkout of Semblance",
        ),
        (("nobody",), "nobody does not exist."),
        (("people/obama",), "There is no photo in a folder of people/obama"),
        (("people", "--by", "age"), "no column age to group by; the columns are: none"),
        (("people", "--groups", "groups.csv"), "--groups needs --by COLUMN"),
        (("people", "--out", "people/here"), "people/here is inside people"),
    ],
)
def test_a_run_that_cannot_succeed_says_why(measured, words, problem):
    status, out, err = measured("--pack", "open", *words)
    assert (status, out) == (2, "")
    assert problem in err.replace("\n", " ")


def test_one_person_alone_cannot_be_compared(measured, home: Path):
    shutil.copytree(home / "people" / "obama", home / "one" / "obama")
    status, _, err = measured("one", "--pack", "open", "--out", "alone")
    assert status == 2
    assert "Only 1 of your people could be measured" in err
