"""`semblance pack add` with the real models and the sample photos: SFace as somebody's own, in
every command of docs/own-embedder.md, and the refusals."""

import json
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from semblance.vision.engine import Engine
from semblance.vision.packs.loading import load_pack
from semblance.vision.picture.decode import decode
from semblance_cli.main import main
from tests.cli.pack import networks
from tests.pages import ROOT, Page

pytestmark = [pytest.mark.model, pytest.mark.slow]

PHOTOS, MODELS = ROOT / ".local" / "photos", ROOT / ".local" / "models"
PAGE = Page(ROOT / "docs/own-embedder.md", (ROOT / "docs/own-embedder.md").read_text())
PORTRAITS = ("obama", "biden", "gauss", "newton")
ADD = ("pack", "add", "embedder.onnx", "--licence", "MIT, Example Ltd", "--calibrate", "people")


def write_twice(face: Image.Image, folder: Path) -> None:
    """As it is, and darker and smaller: two photos of one person."""
    folder.mkdir(parents=True)
    face.save(folder / "1.png")
    smaller = face.resize((face.width * 4 // 5, face.height * 4 // 5))
    ImageEnhance.Brightness(smaller).enhance(0.7).save(folder / "2.png")


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> Path:
    """33 people: the 29 of a group photo, and four portraits."""
    people = tmp_path_factory.mktemp("people")
    content = (PHOTOS / "solvay_conference_1927.jpg").read_bytes()
    picture = decode(content)
    for number, each in enumerate(Engine(load_pack("open", MODELS)).find_faces(content)):
        box, (width, height) = each.box, picture.size
        side = 1.4 * box.height * height
        left = (box.left + box.width / 2) * width - side / 2
        top = (box.top + box.height / 2) * height - side / 2
        crop = picture.crop((round(left), round(top), round(left + side), round(top + side)))
        write_twice(crop, people / f"solvay-{number:02}")
    for name in PORTRAITS:
        (photo,) = PHOTOS.glob(f"{name}.*")
        portrait = decode(photo.read_bytes())
        portrait.thumbnail((500, 500))
        write_twice(portrait, people / name)
    return people


@pytest.fixture
def home(people: Path, tmp_path: Path, monkeypatch) -> Path:
    (tmp_path / "people").symlink_to(people)
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "models").symlink_to(MODELS)
    shutil.copy(MODELS / "sface.onnx", tmp_path / "embedder.onnx")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def semblance(capsys):
    """A function: status, stdout and stderr of a command."""

    def run(*words: str):
        status = main(words)
        printed = capsys.readouterr()
        return status, " ".join(printed.out.split()), " ".join(printed.err.split())

    return run


def manifest(pack: Path):
    return tomllib.loads((pack / "manifest.toml").read_text())


def test_the_commands_of_the_page_make_a_pack_and_calibrate_it_again(home, semblance):
    first, again = [each for each in PAGE.commands() if each.startswith("semblance pack add em")]
    status, out, err = semblance(*shlex.split(first)[1:])
    assert status == 0
    assert re.search("6[0-6] faces of 33 people, [23][0-9] of them in several photos", out)
    assert "Input: RGB, x / 1, as measured." in out
    assert "Size: all 128 numbers matter." in out
    assert "33 people are too few to see so rare a match 30 times: it takes" in out
    assert "npx cdk deploy -c model_pack=./packs/mine" in PAGE.text
    assert "Deploy it: npx cdk deploy -c model_pack=./packs/mine" in err
    assert not (home / "semblance-pack-work").exists(), "it holds faces of people"
    made = manifest(home / "packs/mine")
    assert made["networks"]["mine"] == {
        "file": "mine.onnx", "channels": "RGB", "mean": 0.0, "scale": 1.0
    }  # fmt: skip
    assert made["files"]["mine.onnx"]["licence"] == "MIT, Example Ltd"
    report = json.loads((home / "packs/mine/report.json").read_text())
    assert [knot["measured"] for knot in report["curve"][2:]] == [False] * 4
    assert "solvay" not in json.dumps(report)

    written = home / "packs/mine/manifest.toml"
    own_words = '[embedders.former]\nmodel_id = "old-1"\n'
    written.write_text(
        re.sub(r"\[0\.[0-9]+, 80\.0\]", "[0.9, 80.0]", written.read_text()) + own_words
    )
    status, _, _ = semblance(*shlex.split(again)[1:])
    assert status == 0
    renewed = manifest(home / "packs/mine")
    assert renewed["embedders"].pop("former") == {"model_id": "old-1"}
    assert renewed == made, "the same photos give the same curve"


def test_a_pack_of_another_network_is_not_calibrated_again(home, semblance):
    given = ("--channels", "RGB", "--mean", "0", "--scale", "1")
    assert semblance(*ADD, *given)[0] == 0
    networks.tiny(home / "embedder.onnx")
    status, _, err = semblance(*ADD, "--recalibrate")
    assert status == 2
    assert "packs/mine is the pack of another network: make a new one" in err
    status, _, err = semblance(*ADD, "--recalibrate", "--size", "64")
    assert status == 2
    assert "--recalibrate keeps channels, mean, scale and size" in err


def test_the_pack_embeds_as_it_was_measured(home, semblance):
    assert semblance(*ADD, "--channels", "RGB", "--mean", "0", "--scale", "1")[0] == 0
    engine = Engine(load_pack(str(home / "packs/mine"), MODELS))
    photo = (PHOTOS / "obama.jpg").read_bytes(), (PHOTOS / "obama2.jpg").read_bytes()
    faces = [engine.find_faces(each, largest_only=True)[0] for each in photo]
    one, other = engine.embed(faces)
    assert len(one) == engine.codec.size == 128
    assert engine.codec.model_id.startswith("own-0c753e6b1fc8-")
    assert np.abs(one).max() < engine.codec.largest
    knots = {similarity: cosine for cosine, similarity in engine.calibration}
    assert one @ other > knots[80.0]


def test_a_person_with_two_names_is_left_out(home, semblance, people):
    shutil.copytree(people, home / "labelled")
    shutil.copytree(people / "obama", home / "labelled" / "barack")
    words = (*ADD[:-1], "labelled", "--channels", "RGB", "--mean", "0", "--scale", "1")
    status, out, _ = semblance(*words)
    assert status == 0
    assert "Left out, since both embedders take them for a person with another name: " in out
    assert re.search(
        r"of 33 people.* (obama/\d.png is like barack|barack/\d.png is like obama)", out
    )
    assert json.loads((home / "packs/mine/report.json").read_text())["people_left_out"] == 1


def test_a_wanted_size_is_kept_and_priced(home, semblance):
    status, out, _ = semblance(*ADD, "--size", "64", "--channels", "RGB", "--out", "packs/small")
    assert status == 0
    assert "Size: 64 of 128 numbers" in out
    assert manifest(home / "packs/small")["embedders"]["mine"]["codec"]["size"] == 64
    assert np.load(home / "packs/small/mine.npy").shape == (128, 64)


def test_a_pack_that_is_there_is_not_overwritten(home, semblance):
    (home / "packs/mine").mkdir(parents=True)
    status, _, err = semblance(*ADD)
    assert status == 2
    assert "packs/mine is there already: choose another --name or --out, or calibrate" in err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--name", "sface"), "--name sface is a name of Semblance's own"),
        (("--size", "256"), "--size 256 is more than the network's 128 numbers"),
        (("--models", "nowhere"), "is missing: run `make fetch`"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused(home, semblance, more, said):
    status, _, err = semblance(*ADD, *more, "--channels", "RGB", "--mean", "0", "--scale", "1")
    assert status == 2
    assert said in err
    assert not (home / "packs/mine").exists()


def test_a_pack_that_is_not_there_is_not_calibrated_again(home, semblance):
    status, _, err = semblance(*ADD, "--recalibrate")
    assert status == 2
    assert "There is no pack in packs/mine to calibrate again" in err


def test_other_files_in_the_folder_of_the_faces_stay(home, semblance):
    (home / "work").mkdir()
    (home / "work" / "notes.txt").write_text("mine")
    given = ("--channels", "RGB", "--mean", "0", "--scale", "1")
    assert semblance(*ADD, *given, "--work", "work")[0] == 0
    assert [path.name for path in (home / "work").iterdir()] == ["notes.txt"]


def test_too_few_people_are_refused_with_the_number_that_it_takes(home, semblance):
    few = home / "few"
    for name in PORTRAITS:
        shutil.copytree(home / "people" / name, few / name)
    status, _, err = semblance(*ADD[:-1], "few")
    assert status == 2
    assert "There are faces of 4 people, 4 of them in several photos" in err
    assert "It takes 30 people, 10 of them in several photos" in err
    assert "semblance-pack-work holds faces of your people: delete it" in err


def test_a_network_that_does_not_tell_people_apart_is_refused(home, semblance):
    """All of its vectors are nearly the same."""
    networks.tiny(home / "embedder.onnx")
    status, _, err = semblance(*ADD)
    assert status == 2
    assert "this network does not tell these people apart" in err
