"""Photos to templates: folders and CSV files, the choice of a face, and resuming."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from semblance_cli.accuracy import cache, enrolment, people, reading, templates
from semblance_cli.problems import CommandError
from tests.world.fakes import FakeEngine, picture

ROOT = Path(__file__).parents[3]
KILLED = """
import os, sys
from pathlib import Path
from semblance_cli.accuracy import cache, people, reading
from tests.world.fakes import FakeEngine

left = 70
def advanced():
    global left
    left -= 1
    if not left:
        os._exit(9)

with cache.Cache(Path(sys.argv[2]), "pack") as kept:
    found = people.read(Path(sys.argv[1])).photos
    reading.read_all(found, FakeEngine(), kept, parallel=1, advanced=advanced)
"""


class CountingEngine(FakeEngine):
    def find_faces(self, image, **options):
        object.__setattr__(self, "calls", getattr(self, "calls", 0) + 1)
        return super().find_faces(image, **options)


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "people"
    for number in range(4):
        for shot in range(3):
            write(root / f"p{number}" / f"{shot}.jpg", picture(f"p{number}", shot=shot))
    return root


def read_all(root: Path, kept: Path, engine: FakeEngine, **options):
    with cache.Cache(kept, "pack") as store:
        found = people.read(root).photos
        return reading.read_all(found, engine, store, parallel=2, **options)


def test_a_folder_for_each_person_names_them(folder: Path):
    write(folder / "p1" / "deeper" / "9.PNG", b"x")
    write(folder / "readme.txt", b"x")
    write(folder / "alone.jpg", b"x")
    write(folder / "p1" / ".hidden.jpg", b"x")
    found = people.read(folder)
    assert len(found.photos) == 13
    assert {photo.person for photo in found.photos if "9.PNG" in photo.file} == {"p1"}
    assert found.skipped == ("alone.jpg", "p1/.hidden.jpg", "readme.txt")


def test_a_csv_file_names_photos_people_and_groups(folder: Path):
    table = folder.parent / "people.csv"
    table.write_text(
        "﻿person;photo; camera\np1;people/p1/0.jpg;gate\n p0 ;people/p0/0.jpg;\n", encoding="utf-8"
    )
    found = people.read(table)
    assert [(photo.person, photo.file) for photo in found.photos] == [
        ("p0", "people/p0/0.jpg"),
        ("p1", "people/p1/0.jpg"),
    ]
    assert all(photo.path.is_file() for photo in found.photos)
    assert found.grouped_by("camera") == {"p1": "gate"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("photo\na.jpg\n", "has no column person"),
        ("photo,person\nno.jpg,ann\n", "names files that are not there:\n  no.jpg"),
        ("photo,person\nreal.jpg,\n", "row 2 lacks its photo or its person"),
        ("photo,person\n", "has no rows"),
        ("photo,person,age\nreal.jpg,ann,1\nother.jpg,ann,2\n", "the age of ann is '1' in one row"),
        ("photo,person\nreal.jpg,ann\nreal.jpg,bob\n", "the same photo in more than one row"),
    ],
)
def test_a_csv_file_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, problem: str):
    for name in ("real.jpg", "other.jpg"):
        write(tmp_path / name, b"x")
    (tmp_path / "people.csv").write_text(text)
    with pytest.raises(CommandError) as refused:
        people.read(tmp_path / "people.csv")
    assert problem in str(refused.value)


def test_groups_of_a_folder_are_in_a_file_of_their_own(folder: Path):
    table = folder.parent / "groups.csv"
    table.write_text("person,age\np0,young\np1,old\n")
    found = people.read(folder, table)
    assert found.grouped_by("age") == {"p0": "young", "p1": "old"}
    with pytest.raises(CommandError, match="no column hair to group by; the columns are: age"):
        found.grouped_by("hair")


def test_a_photo_is_read_once_and_renamed_without_being_read_again(folder: Path, tmp_path: Path):
    engine = CountingEngine()
    first = read_all(folder, tmp_path / "kept", engine)
    (folder / "p1" / "0.jpg").rename(folder / "p1" / "renamed.jpg")
    write(folder / "p2" / "new.jpg", picture("p2", shot=7))
    second = read_all(folder, tmp_path / "kept", engine)
    assert engine.calls == len(first) + 1 == len(second)
    assert {each.reading.faces[0].embedding for each in first} < {
        each.reading.faces[0].embedding for each in second
    }


def test_the_cache_is_for_its_owner_alone_and_knows_neither_files_nor_people(folder, tmp_path):
    read_all(folder, tmp_path / "kept", FakeEngine())
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o600
    content = (tmp_path / "kept").read_bytes()
    assert b"people" not in content
    assert b".jpg" not in content
    cache.erase(tmp_path / "kept")
    assert [path.name for path in tmp_path.iterdir()] == ["people"]


def test_a_file_that_is_no_cache_is_refused(tmp_path: Path):
    (tmp_path / "kept").write_bytes(b"no database at all" * 100)
    with pytest.raises(
        CommandError, match=r"kept cannot be used \(file is not a database\): delete"
    ):
        cache.Cache(tmp_path / "kept", "pack")


def test_another_pack_reads_again(folder: Path, tmp_path: Path):
    engine = CountingEngine()
    read_all(folder, tmp_path / "kept", engine)
    with cache.Cache(tmp_path / "kept", "another pack") as store:
        reading.read_all(people.read(folder).photos, engine, store, parallel=1)
    assert engine.calls == 24


@pytest.mark.slow
def test_a_killed_run_is_resumed(tmp_path: Path):
    for number in range(100):
        write(tmp_path / "people" / "p" / f"{number}.jpg", picture("p", shot=number))
    kept = tmp_path / "kept"
    words = [sys.executable, "-c", KILLED, str(tmp_path / "people"), str(kept)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run(words, cwd=ROOT, env=environment, check=False)
    assert killed.returncode == 9
    engine = CountingEngine()
    assert len(read_all(tmp_path / "people", kept, engine)) == 100
    assert engine.calls == 100 - 64, "commits every 32 photos"


def test_ctrl_c_keeps_the_photos_that_were_read(folder: Path, tmp_path: Path):
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_all(folder, tmp_path / "kept", FakeEngine(), advanced=interrupted)
    with cache.Cache(tmp_path / "kept", "pack") as store:
        assert len(store.readings()) == 1


def test_each_photo_is_enrolled_or_has_a_reason(tmp_path: Path):
    root = tmp_path / "people"
    for name, content in {
        "ann/good.jpg": picture("ann"),
        "ann/again.jpg": picture("ann"),
        "ann/two.jpg": picture("ann", "bystander"),
        "ann/front.jpg": picture("bystander", "ann", poor=("bystander",)),
        "bob/poor.jpg": picture("bob", poor=("bob",)),
        "bob/empty.jpg": picture(),
        "bob/broken.jpg": b"no picture",
        "bob/huge.jpg": bytes(15 * 2**20 + 1),
    }.items():
        write(root / name, content)
    photos = read_all(root, tmp_path / "kept", FakeEngine())
    made = enrolment.enrol(photos, "AUTO")
    assert [each.photo.file for each in made.enrolled] == [
        "ann/again.jpg", "ann/front.jpg", "ann/two.jpg",
    ]  # fmt: skip
    assert made.twice == [("ann/good.jpg", "the same as ann/again.jpg")]
    assert made.several == [("ann/front.jpg", "2 faces"), ("ann/two.jpg", "2 faces")]
    assert made.dropped == [("bob/poor.jpg", "LOW_FACE_QUALITY")]
    assert made.without_face == [("bob/empty.jpg", "")]
    assert [remark.file for remark in made.refused] == ["bob/broken.jpg", "bob/huge.jpg"]
    assert made.refused[0].why.startswith("InvalidImageFormatException")
    assert made.refused[1].why == "larger than 15 MiB"
    assert (made.photos, made.failed) == (8, 4)
    by_embedding = {each.photo.file: each.template.embedding for each in made.enrolled}
    assert by_embedding["ann/front.jpg"] == by_embedding["ann/two.jpg"], "the largest that passes"
    assert len(enrolment.enrol(photos, "NONE").enrolled) == 4


def test_the_central_face_is_the_one_nearest_to_the_middle(tmp_path: Path):
    # The second face is smaller and a little nearer to the middle.
    write(tmp_path / "people/ann/1.jpg", picture("passer-by", "ann"))
    write(tmp_path / "people/ann/2.jpg", picture("passer-by", "ann", poor=("ann",)))
    photos = read_all(tmp_path / "people", tmp_path / "kept", FakeEngine())
    made = enrolment.enrol(photos, "AUTO", templates.CENTRAL)
    assert [each.template for each in made.enrolled] == [photos[0].reading.faces[1]]
    assert made.dropped == [("ann/2.jpg", "LOW_FACE_QUALITY")], "another face is not the person's"


def test_a_reading_survives_being_written():
    photo = templates.read(FakeEngine(), picture("ann", "bob", poor=("bob",)))
    assert templates.loaded(photo.dumped()) == photo
    refused = templates.read(FakeEngine(), b"")
    assert templates.loaded(refused.dumped()) == refused
