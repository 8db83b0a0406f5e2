"""Snapshots: what one process has written, another maps, and brings up to date by the changes."""

import uuid

import numpy as np
import pytest

from semblance.gallery import codes, snapshot
from semblance.gallery.loaded import OVERLAP_SECONDS
from semblance.gallery.snapshot import HEADER_BYTES, SnapshotError
from semblance.model import User, UserChange
from tests.gallery.test_gallery import Source, embedding, everybody, face_id, faces, ids
from tests.world.fakes import embedding_of


@pytest.fixture
def path(tmp_path):
    return tmp_path / "snapshot"


def from_snapshot(source, path, **choices):
    """A gallery that may not read the table."""
    source.faces = {}
    source.users = []
    return source.gallery(snapshots=lambda uid: path, **choices)


def test_a_snapshot_is_a_start_and_the_changes_after_it_are_the_rest(path):
    source = Source(faces("ann", "bob"))
    source.change(added=("eve",), ago=30)
    written = source.gallery().write_snapshot("uid", path)
    assert (written.faces, written.users) == (3, 0)
    assert written.size_bytes == path.stat().st_size
    source.now += 600
    source.change(added=("dan",), removed=("bob",), ago=300)
    loads = []
    gallery = from_snapshot(source, path, on_load=loads.append)
    assert everybody(gallery) == ids("ann", "dan", "eve")
    assert source.loads == 1
    assert [(load.source, load.faces) for load in loads] == [("snapshot", 3)]
    assert not path.exists()


def test_what_the_snapshot_holds_and_the_changes_repeat_is_there_once(path):
    source = Source()
    source.change(added=("ann", "bob"))
    source.gallery().write_snapshot("uid", path)
    gallery = from_snapshot(source, path)
    found = gallery.candidates("uid", embedding_of("ann"), floor=0.9, limit=10)
    assert [name for name, _ in found] == ids("ann")


def test_a_removal_that_the_snapshot_has_seen_wins_over_an_addition_that_it_has_not(path):
    """Two writers whose clocks differ: the addition, stamped later, was committed first."""
    source = Source()
    source.change(removed=("ann",), ago=OVERLAP_SECONDS - 1)
    source.gallery().write_snapshot("uid", path)
    source.now += OVERLAP_SECONDS - 2
    source.change(added=("ann",), ago=OVERLAP_SECONDS)
    assert everybody(from_snapshot(source, path)) == []


def test_a_slow_writers_change_is_seen_though_the_snapshot_was_written_before_it(path):
    source = Source()
    source.gallery().write_snapshot("uid", path)
    source.change(added=("ann",), ago=OVERLAP_SECONDS)
    assert everybody(from_snapshot(source, path)) == ids("ann")


def test_no_byte_of_a_removed_face_is_in_the_snapshot(path):
    source = Source(faces("ann", "bob"))
    gallery = source.gallery()
    everybody(gallery)
    source.change(removed=("bob",))
    gallery.write_snapshot("uid", path)
    stored = path.read_bytes()
    assert codes.encode(embedding("ann")) in stored
    assert codes.encode(embedding("bob")) not in stored
    assert uuid.UUID(face_id("bob")).bytes[7::-1] not in stored


def test_a_face_of_a_snapshot_is_removed_in_memory_alone(path):
    source = Source(faces("ann", "bob"))
    source.gallery().write_snapshot("uid", path)
    before = path.read_bytes()
    kept = path.with_suffix(".kept")
    kept.hardlink_to(path)
    gallery = from_snapshot(source, path)
    gallery.candidates("uid", embedding_of("ann"), floor=0, limit=1)
    gallery.forget("uid", [face_id("bob")])
    assert everybody(gallery) == ids("ann")
    assert kept.read_bytes() == before


def test_a_snapshot_of_a_snapshot_leaves_out_what_was_removed_between_them(path, tmp_path):
    source = Source(faces("ann", "bob"))
    source.gallery().write_snapshot("uid", path)
    source.now += 600
    source.change(removed=("ann",), ago=5)
    again = tmp_path / "again"
    from_snapshot(source, path).write_snapshot("uid", again)
    source.changes = []
    assert everybody(from_snapshot(source, again)) == ids("bob")


def test_a_snapshot_can_be_made_from_the_table_whatever_is_in_memory(path):
    source = Source(faces("ann"))
    gallery = source.gallery()
    everybody(gallery)
    source.faces = faces("ann", "bob")
    assert gallery.write_snapshot("uid", path, from_table=True).faces == 2


def test_users_are_in_it_with_their_versions(path):
    source = Source()
    source.users = [
        User("u:1", 7, ("face",), embedding("ann")),
        User("u:2", 3, ("face",), embedding("bob")),
        User("u:3", 4),
    ]
    assert source.gallery().write_snapshot("uid", path).users == 2
    gallery = from_snapshot(source, path)

    def found(person):
        near = gallery.user_candidates("uid", embedding_of(person), floor=0.9, limit=5)
        return [name for name, _ in near]

    assert found("ann") == ["u:1"]
    assert found("bob") == ["u:2"]
    older = UserChange("u:1", 6, codes.encode(embedding("eve")))
    newer = UserChange("u:2", 4, codes.encode(embedding("dan")))
    for change in (older, newer):
        source.user_change(change)
    assert found("ann") == ["u:1"]
    assert found("dan") == ["u:2"]


@pytest.mark.parametrize("count", [0, 1, pytest.param(70_000, marks=pytest.mark.slow)])
def test_a_snapshot_of_any_size_comes_back_as_it_was(path, count):
    rng = np.random.default_rng(1)
    stored = codes.pack(np.float32(rng.standard_normal(codes.DIMENSIONS)))
    source = Source({str(uuid.UUID(bytes=rng.bytes(16))): stored for _ in range(count)})
    names = sorted(source.faces)
    source.gallery().write_snapshot("uid", path)
    held = snapshot.open_mapped(path)
    assert held.faces.ids.texts() == names
    assert np.array_equal(
        held.faces.codes, np.frombuffer(codes.encode(stored) * count, np.int8).reshape(-1, 160)
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content + b"x",
        lambda content: content[: HEADER_BYTES - 1],
        lambda content: b"SEMBGAL2" + content[8:],
        lambda content: content.replace(b'"faces": 2', b'"faces": 1'),
        lambda content: content[:8] + b"\xff\xff\xff\xff" + content[12:],
    ],
)
def test_a_snapshot_that_is_not_whole_is_refused_and_the_table_read_instead(path, spoil):
    source = Source(faces("ann", "bob"))
    source.gallery().write_snapshot("uid", path)
    path.write_bytes(spoil(path.read_bytes()))
    kept = path.with_suffix(".kept")
    kept.hardlink_to(path)
    loads = []
    gallery = source.gallery(snapshots=lambda uid: path, on_load=loads.append)
    assert everybody(gallery) == ids("ann", "bob")
    assert loads[0].source == "table"
    assert not path.exists()
    with pytest.raises(SnapshotError):
        snapshot.open_mapped(kept)
