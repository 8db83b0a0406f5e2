"""Snapshots: one process writes one, another maps it and applies the changes made since."""

import uuid

import numpy as np
import pytest

from semblance.embedding import codec
from semblance.embedding.codec import UNMARKED
from semblance.gallery import snapshot
from semblance.gallery.loaded import OVERLAP_SECONDS
from semblance.gallery.snapshot import HEADER_BYTES, SnapshotError
from semblance.model.changes import UserChange
from semblance.model.gallery import User
from tests.gallery.test_gallery import OTHERS, Source, embedding, everybody, face_id, faces, ids
from tests.world.fakes import CODEC, embedding_of
from tests.world.former import former_snapshot, header_of, with_header


@pytest.fixture
def path(tmp_path):
    return tmp_path / "snapshot"


def from_snapshot(source, path, **choices):
    """A gallery that must not read the table."""
    source.faces = {}
    source.users = []
    return source.gallery(snapshots=lambda uid: path, **choices)


def test_a_load_starts_from_the_snapshot_and_applies_the_changes_after_it(path):
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


def test_a_face_in_both_the_snapshot_and_the_changes_is_found_once(path):
    source = Source()
    source.change(added=("ann", "bob"))
    source.gallery().write_snapshot("uid", path)
    gallery = from_snapshot(source, path)
    found = gallery.candidates("uid", embedding_of("ann"), floor=0.9, limit=10)
    assert [name for name, _ in found] == ids("ann")


def test_a_removal_before_the_snapshot_wins_over_an_addition_after_it(path):
    """Two writers with different clocks: the addition was stamped later but committed first."""
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
    assert CODEC.encode(embedding("ann")) in stored
    assert CODEC.encode(embedding("bob")) not in stored
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


def test_a_snapshot_made_from_a_snapshot_leaves_out_faces_removed_since(path, tmp_path):
    source = Source(faces("ann", "bob"))
    source.gallery().write_snapshot("uid", path)
    source.now += 600
    source.change(removed=("ann",), ago=5)
    again = tmp_path / "again"
    from_snapshot(source, path).write_snapshot("uid", again)
    source.changes = []
    assert everybody(from_snapshot(source, again)) == ids("bob")


def test_a_snapshot_can_be_made_from_the_table_instead_of_memory(path):
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
    older = UserChange("u:1", 6, CODEC.encode(embedding("eve")))
    newer = UserChange("u:2", 4, CODEC.encode(embedding("dan")))
    for change in (older, newer):
        source.user_change(change)
    assert found("ann") == ["u:1"]
    assert found("dan") == ["u:2"]


@pytest.mark.parametrize("count", [0, 1, pytest.param(70_000, marks=pytest.mark.slow)])
def test_a_snapshot_of_any_size_comes_back_as_it_was(path, count):
    rng = np.random.default_rng(1)
    stored = codec.pack(np.float32(rng.standard_normal(CODEC.size)))
    source = Source({str(uuid.UUID(bytes=rng.bytes(16))): stored for _ in range(count)})
    names = sorted(source.faces)
    source.gallery().write_snapshot("uid", path)
    held = snapshot.open_mapped(path, CODEC)
    assert held.faces.ids.texts() == names
    assert np.array_equal(
        held.faces.codes,
        np.frombuffer(CODEC.encode(stored) * count, np.int8).reshape(-1, CODEC.size),
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content + b"x",
        lambda content: content[: HEADER_BYTES - 1],
        lambda content: b"SEMBGAL3" + content[8:],
        lambda content: b"SEMBGAL1" + content[8:],
        lambda content: with_header(content, header_of(content) | {"later": 1}),
        lambda content: with_header(content, {}),
        lambda content: content.replace(b'"faces": 2', b'"faces": 1'),
        lambda content: content[:8] + b"\xff\xff\xff\xff" + content[12:],
    ],
)
def test_a_damaged_snapshot_is_refused_and_the_table_is_read_instead(path, spoil):
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
        snapshot.open_mapped(kept, CODEC)


@pytest.mark.parametrize("other", OTHERS)
def test_a_snapshot_of_another_codec_is_refused_and_the_table_is_read_instead(path, other):
    stored = {face_id(person): embedding(person, other.size) for person in ("ann", "bob")}
    Source(stored, codec=other).gallery().write_snapshot("uid", path)
    source, loads = Source(faces("ann", "bob")), []
    gallery = source.gallery(snapshots=lambda uid: path, on_load=loads.append)
    assert everybody(gallery) == ids("ann", "bob")
    (load,) = loads
    assert load.source == "table"
    assert load.refused == (
        f"its codes are of {other.model_id} ({other.size} numbers to {other.largest}), "
        "not fake-1 (160 numbers to 0.45)"
    )
    assert not path.exists()


@pytest.mark.parametrize(("reader", "source_read"), [(UNMARKED, "snapshot"), (CODEC, "table")])
def test_a_snapshot_that_names_no_codec_is_that_of_the_one_model_there_was(
    path, reader, source_read
):
    Source(faces("ann", "bob"), codec=UNMARKED).gallery().write_snapshot("uid", path)
    path.write_bytes(former_snapshot(path.read_bytes()))
    loads = []
    source = Source(faces("ann", "bob"), codec=reader)
    gallery = source.gallery(snapshots=lambda uid: path, on_load=loads.append)
    assert everybody(gallery) == ids("ann", "bob")
    assert [load.source for load in loads] == [source_read]
