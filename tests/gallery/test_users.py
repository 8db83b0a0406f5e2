"""User vectors in memory: the highest version wins, in any order of the changes."""

import itertools

import pytest

from semblance.embedding import codec
from semblance.gallery.scan import Scanner
from semblance.gallery.users import UserRows
from semblance.model.changes import UserChange
from tests.world.fakes import CODEC, embedding_of


def change(version, person=None, user_id="u"):
    code = CODEC.encode(codec.pack(embedding_of(person))) if person else b""
    return UserChange(user_id, version, code)


def found(users, person):
    return [
        name for name, _ in users.nearest(Scanner(CODEC), embedding_of(person), floor=0.9, limit=5)
    ]


@pytest.mark.parametrize(
    "changes", list(itertools.permutations([change(1, "ann"), change(2, "bob"), change(3)]))
)
def test_a_user_without_faces_is_no_longer_found(changes):
    users = UserRows(CODEC.size)
    for each in (*changes, *changes):
        users.apply(each)
    assert found(users, "ann") == found(users, "bob") == []


@pytest.mark.parametrize(
    "changes", list(itertools.permutations([change(1, "ann"), change(2), change(3, "bob")]))
)
def test_the_last_vector_is_the_one_that_counts(changes):
    users = UserRows(CODEC.size)
    for each in (*changes, *changes):
        users.apply(each)
    assert found(users, "bob") == ["u"]
    assert found(users, "ann") == []


def test_users_do_not_disturb_each_other():
    users = UserRows(CODEC.size)
    for number, person in enumerate(("ann", "bob", "eve")):
        users.apply(change(number + 1, person, user_id=f"user:{person}"))
    users.apply(change(9, user_id="user:bob"))
    assert found(users, "eve") == ["user:eve"]
    assert found(users, "bob") == []


def test_the_user_array_grows_beyond_its_first_size():
    users = UserRows(CODEC.size)
    for number in range(300):
        users.apply(change(1, f"person {number}", user_id=f"user:{number}"))
    assert found(users, "person 299") == ["user:299"]
    copy = UserRows(CODEC.size)
    copy.restore(users.living())
    assert found(copy, "person 17") == ["user:17"]
    copy.apply(change(1, "person 3", user_id="user:17"))  # no newer than the restored version
    assert found(copy, "person 17") == ["user:17"]


def test_a_users_vector_is_the_normalised_mean_of_the_faces():
    ann, bob = (codec.pack(embedding_of(person)) for person in ("ann", "bob"))
    mean = codec.unpack([codec.mean([ann, bob])])[0]
    assert mean @ embedding_of("ann") == pytest.approx(mean @ embedding_of("bob"), abs=2e-3)
    assert codec.unpack([codec.mean([ann])])[0] @ embedding_of("ann") == pytest.approx(1, abs=1e-3)
