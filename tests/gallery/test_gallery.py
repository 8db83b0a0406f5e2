"""The gallery: candidates include every exact match, and changes may arrive in any order."""

import functools
import itertools
import sys
import uuid
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from semblance.embedding import codec
from semblance.embedding.codec import MARK_BYTES, UNMARKED
from semblance.embedding.similarity import SimilarityScale
from semblance.gallery import CollectionTooLarge
from semblance.gallery.gallery import IDLE_SECONDS, REFUSED_SECONDS, STALE_SECONDS, MemoryGallery
from semblance.gallery.loaded import OVERLAP_SECONDS
from semblance.gallery.rows import Rows
from semblance.gallery.scan import Scanner
from semblance.gallery.segments import TAIL_ROWS
from semblance.model.changes import Change, UserChange
from semblance.model.gallery import User
from tests.world.fakes import CODEC, embedding_of

KNOTS = ((0.0, 0.0), (0.365, 80.0), (0.54, 99.0), (1.0, 100.0))


class Source:
    """The gallery's input: the table's faces, and changes in the order that a test chooses."""

    def __init__(self, faces=(), codec=CODEC) -> None:
        self.codec = codec
        self.faces = dict(faces)
        self.users: list[User] = []
        self.changes: list[Change] = []
        self.now = 1_790_000_000.0
        self.loads = 0
        self._numbers = itertools.count()

    def gallery(self, **choices) -> MemoryGallery:
        return MemoryGallery(
            embeddings=self._embeddings,
            users=lambda uid: self.users,
            changes=self._since,
            clock=lambda: self.now,
            **{"codec": self.codec, "budget_bytes": 2**30, **choices},
        )

    def _embeddings(self, uid):
        self.loads += 1
        yield from self.faces.items()

    def _since(self, uid, at_ms):
        return [change for change in self.changes if change.stamp >= f"{at_ms:013d}"]

    def change(self, *, added=(), removed=(), ago=0.0, codec=None, mark=None):
        """`codec`: of the writer, if it is not the reader's. `mark`: if it is not the codec's."""
        stamp = f"{int((self.now - ago) * 1000):013d}#{next(self._numbers)}"
        codec = codec or self.codec
        vectors = b"".join(codec.encode(embedding(person, codec.size)) for person in added)
        mark = codec.mark if mark is None else mark
        self.changes.append(Change(stamp, packed(added), vectors, packed(removed), mark=mark))

    def user_change(self, change, mark=CODEC.mark):
        stamp = f"{int(self.now * 1000):013d}#{next(self._numbers)}"
        self.changes.append(Change(stamp, user=change, mark=mark))


def face_id(person):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, person))


def packed(people):
    return b"".join(uuid.UUID(face_id(person)).bytes for person in people)


def embedding(person, size=CODEC.size):
    return codec.pack(embedding_of(person, size=size))


def everybody(gallery, uid="uid"):
    found = gallery.candidates(uid, embedding_of("x"), floor=-1, limit=1000)
    return sorted(name for name, _ in found)


def users(gallery, person):
    found = gallery.user_candidates("uid", embedding_of(person), floor=0.9, limit=5)
    return [name for name, _ in found]


def faces(*people):
    return {face_id(person): embedding(person) for person in people}


def ids(*people):
    return sorted(map(face_id, people))


def test_faces_of_the_table_and_of_the_feed_are_candidates():
    source = Source(faces("ann"))
    source.change(added=("ann", "bob"), ago=30)
    gallery = source.gallery()
    assert everybody(gallery) == ids("ann", "bob")
    source.change(added=("eve",))
    assert everybody(gallery) == ids("ann", "bob", "eve")
    assert source.loads == 1


def test_a_removed_face_is_no_longer_a_candidate():
    source = Source(faces("ann", "bob"))
    gallery = source.gallery()
    assert everybody(gallery) == ids("ann", "bob")
    source.change(removed=("ann",))
    assert everybody(gallery) == ids("bob")


def test_a_removal_wins_over_an_addition_that_is_read_after_it():
    source = Source()
    gallery = source.gallery()
    source.change(removed=("ann",))
    assert everybody(gallery) == []
    source.change(added=("ann", "bob"), ago=20)
    assert everybody(gallery) == ids("bob")


def test_a_change_that_is_read_repeatedly_is_applied_once():
    source = Source()
    source.change(added=("ann",))
    gallery = source.gallery()
    for _ in range(3):
        source.now += 10
        found = gallery.candidates("uid", embedding_of("ann"), floor=-1, limit=10)
        assert [name for name, _ in found] == ids("ann")


def test_a_slow_writers_change_is_seen_though_later_ones_were_read_before():
    source = Source()
    gallery = source.gallery()
    source.change(added=("ann",))
    assert everybody(gallery) == ids("ann")
    source.change(added=("bob",), ago=55)
    assert everybody(gallery) == ids("ann", "bob")


OTHERS = [
    replace(CODEC, model_id="fake-2"),
    replace(CODEC, size=96),
    replace(CODEC, size=512),
    replace(CODEC, largest=0.55),
]
"""Codecs whose codes must not lie among CODEC's: of another model, size or scale."""


@pytest.mark.parametrize("other", OTHERS)
def test_only_codes_of_the_collections_own_codec_become_rows(other):
    source = Source(faces("ann", "bob"))
    gallery = source.gallery()
    source.change(added=("eve", "joe"), codec=other)
    assert everybody(gallery) == ids("ann", "bob")
    source.change(added=("kim",))
    source.change(removed=("ann",), codec=other)
    source.change(added=("lee",), codec=other, ago=30)
    assert everybody(gallery) == ids("bob", "kim")
    assert source.loads == 1


@pytest.mark.parametrize(
    ("reader", "found"), [(UNMARKED, ["ann"]), (replace(UNMARKED, model_id="another"), [])]
)
def test_codes_without_a_mark_are_those_of_the_one_model_there_was(reader, found):
    source = Source(codec=reader)
    source.change(added=("ann",), codec=UNMARKED, mark=b"")
    assert everybody(source.gallery()) == ids(*found)


@pytest.mark.parametrize("other", [*OTHERS, None])
def test_a_user_whose_change_has_no_code_of_the_codec_is_read_from_the_table(other):
    """None: the writer knew no codec of the collection's model."""
    source = Source()
    source.users = [User("u", 1, ("face",), embedding("ann"))]
    gallery = source.gallery()
    assert (users(gallery, "ann"), users(gallery, "bob")) == (["u"], [])
    source.users = [User("u", 2, ("face",), embedding("bob"))]
    code = other and other.encode(embedding("eve", other.size))
    source.user_change(UserChange("u", 2, code), other.mark if other else b"")
    assert (users(gallery, "ann"), users(gallery, "bob")) == ([], ["u"])
    source.user_change(UserChange("u", 3, b""), b"")
    assert users(gallery, "bob") == []


def test_a_user_is_read_from_the_table_again_when_the_first_read_fails():
    source = Source()
    source.users = [User("u", 1, ("face",), embedding("ann"))]
    gallery = source.gallery()
    assert users(gallery, "ann") == ["u"]
    source.user_change(UserChange("u", 2, None), b"")
    source.users = None
    with pytest.raises(TypeError):
        users(gallery, "bob")
    source.users = [User("u", 2, ("face",), embedding("bob"))]
    assert users(gallery, "bob") == ["u"]


def test_forget_removes_a_face_that_the_table_no_longer_has():
    gallery = Source(faces("ann", "bob")).gallery()
    everybody(gallery)
    gallery.forget("uid", [face_id("ann"), face_id("stranger")])
    gallery.forget("a collection that is not loaded", [face_id("ann")])
    assert everybody(gallery) == ids("bob")


def test_the_least_recently_searched_collection_makes_room():
    source = Source(faces("ann"))
    gallery = source.gallery(budget_bytes=300_000)  # a small collection takes 200,000
    for uid in ("one", "one", "two", "one"):
        assert everybody(gallery, uid) == ids("ann")
    assert source.loads == 3


def test_a_collection_idle_for_an_hour_makes_room_as_well():
    source = Source(faces("ann"))
    gallery = source.gallery()
    everybody(gallery, "one")
    source.now += IDLE_SECONDS + OVERLAP_SECONDS
    everybody(gallery, "two")
    everybody(gallery, "one")
    assert source.loads == 3


def test_a_collection_last_searched_before_the_oldest_kept_change_is_loaded_again():
    source = Source(faces("ann", "bob"))
    gallery = source.gallery()
    assert everybody(gallery) == ids("ann", "bob")
    source.now += STALE_SECONDS - OVERLAP_SECONDS
    everybody(gallery)
    assert source.loads == 1
    source.faces = faces("bob")  # the change that removed ann has expired
    source.now += STALE_SECONDS
    assert everybody(gallery) == ids("bob")
    assert source.loads == 2


def test_a_dropped_collection_is_loaded_again():
    source = Source(faces("ann"))
    gallery = source.gallery()
    everybody(gallery)
    gallery.drop("uid")
    gallery.drop("a collection that is not loaded")
    assert everybody(gallery) == ids("ann")
    assert source.loads == 2


@pytest.mark.slow
def test_a_collection_too_large_for_the_function_is_refused_and_not_loaded_again_at_once():
    source = Source(faces(*(f"person {number}" for number in range(2000))))
    gallery = source.gallery(budget_bytes=177 * 1500)
    for _ in range(2):
        with pytest.raises(CollectionTooLarge) as refusal:
            everybody(gallery)
        assert refusal.value.most_faces == 1500
    assert source.loads == 1
    source.faces = faces("ann")
    source.now += REFUSED_SECONDS
    assert everybody(gallery) == ids("ann")


@pytest.mark.slow
def test_a_collection_that_outgrows_the_function_is_dropped():
    source = Source(faces("ann"))
    gallery = source.gallery(budget_bytes=177 * 1500)
    assert everybody(gallery) == ids("ann")
    source.change(added=[f"person {number}" for number in range(2000)])
    with pytest.raises(CollectionTooLarge):
        everybody(gallery)


@pytest.mark.slow
def test_a_face_in_memory_takes_177_bytes():
    source = Source({str(uuid.UUID(int=i << 64)): embedding("ann") for i in range(TAIL_ROWS)})
    loads = []
    everybody(source.gallery(on_load=loads.append))
    (load,) = loads
    empty_tail = 1_024
    users = 64 * (CODEC.size + 8 + 1)
    assert load.size_bytes == 177 * (TAIL_ROWS + empty_tail) + users
    assert load.source == "table"


@pytest.mark.slow
def test_rows_are_found_and_removed_in_every_segment():
    count = 2 * TAIL_ROWS + 300
    rng = np.random.default_rng(5)
    packed_ids = rng.bytes(16 * count)
    vectors = rng.integers(-60, 60, (count, CODEC.size), np.int8)
    rows = Rows(CODEC.size)
    for start in range(0, count, 50_000):
        rows.append(packed_ids[16 * start : 16 * (start + 50_000)], vectors[start : start + 50_000])
    chosen = [0, 1, TAIL_ROWS - 1, TAIL_ROWS, 2 * TAIL_ROWS - 1, 2 * TAIL_ROWS, count - 1]
    one = [packed_ids[16 * i : 16 * (i + 1)] for i in chosen]
    assert rows.known(b"".join(one) + bytes(16)).tolist() == [True] * len(chosen) + [False]
    for place, packed_id in zip(chosen, one, strict=True):
        probe = vectors[place] / np.linalg.norm(vectors[place].astype(np.float32))
        (best, _), *_ = rows.nearest(Scanner(CODEC), probe, floor=0.9, limit=1)
        assert best == str(uuid.UUID(bytes=packed_id))
    rows.kill(b"".join(one))
    assert not rows.known(b"".join(one)).any()
    assert rows.living == count - len(chosen)
    ids, blocks = rows.in_order()
    kept = np.delete(np.arange(count), chosen)
    order = kept[np.argsort([packed_ids[16 * i : 16 * (i + 1)] for i in kept])]
    assert ids.high.astype(">u8").tobytes() == b"".join(
        packed_ids[16 * i : 16 * i + 8] for i in order
    )
    assert np.array_equal(np.concatenate([*blocks]), vectors[order])


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("limit", [1, 80, 4_096])
@pytest.mark.parametrize("floor", [-1, 0.0, 0.25])
def test_many_rows_give_the_exact_best_on_any_number_of_threads(threads, limit, floor):
    rows, embeddings = many_rows()
    probe = embeddings[7]
    found = rows.nearest(Scanner(CODEC, threads), probe, floor=floor, limit=limit)
    exact = embeddings @ probe
    best = [i for i in np.argsort(-exact) if exact[i] >= floor][:limit]
    assert {str(uuid.UUID(int=int(i) + 1)) for i in best} <= {name for name, _ in found}
    assert len(found) < len(best) * 4 + 4_096


@pytest.mark.slow
def test_repeated_searches_leave_reference_counts_as_they_were():
    """An extension that miscounts references to None ends the process after thousands of calls."""
    rows, embeddings = many_rows()
    before = sys.getrefcount(None)
    for _ in range(100):
        rows.nearest(Scanner(CODEC), embeddings[7], floor=0.5, limit=80)
    assert abs(sys.getrefcount(None) - before) < 50


@functools.cache
def many_rows():
    random = np.random.default_rng(3)
    vectors = random.standard_normal((200_000, CODEC.size)).astype(np.float32)
    vectors += 0.5 * random.standard_normal(CODEC.size)  # other people are a little similar
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = Rows(CODEC.size)
    rows.append(
        b"".join((i + 1).to_bytes(16, "big") for i in range(len(vectors))), CODEC.quantize(vectors)
    )
    return rows, vectors


@pytest.mark.slow
@given(
    seed=st.integers(0, 2**32), floor=st.floats(-1, 0.6), limit=st.integers(1, 40),
    count=st.integers(0, 300),
)  # fmt: skip
def test_candidates_hold_the_exact_answer(seed, floor, limit, count):
    random = np.random.default_rng(seed)
    spread = 0.99 ** np.arange(CODEC.size)  # as in real embeddings: not isotropic
    vectors = random.standard_normal((count, CODEC.size)) * spread
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assume(np.abs(vectors).max(initial=0) <= 0.45)  # the range of the codes' scale
    probe = (vectors[0] if count else np.eye(CODEC.size)[0]).astype(np.float32)
    source = Source({str(uuid.UUID(int=i)): codec.pack(vector) for i, vector in enumerate(vectors)})
    found = source.gallery().candidates("uid", probe, floor=floor, limit=limit)
    exact = [
        (float(codec.unpack([embedding])[0] @ probe), name)
        for name, embedding in source.faces.items()
    ]
    best = [name for cosine, name in sorted(exact, reverse=True) if cosine >= floor][:limit]
    assert set(best) <= {name for name, _ in found}
    assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)


@pytest.mark.parametrize("size", [96, 160, 512])
def test_a_stored_embedding_takes_two_bytes_a_number_and_its_code_one(size):
    stored = embedding("ann", size)
    assert len(stored) == 2 * size
    assert len(replace(CODEC, size=size).encode(stored)) == size


@pytest.mark.parametrize("other", OTHERS)
def test_a_mark_of_four_bytes_names_the_codec(other):
    assert len(CODEC.mark) == MARK_BYTES == 4
    assert replace(CODEC, margin=0.02).mark == CODEC.mark
    assert other.mark != CODEC.mark
    assert (CODEC.made(CODEC.mark), CODEC.made(other.mark), CODEC.made(b"")) == (True, False, False)


@pytest.mark.slow
@given(st.floats(-1, 1), st.floats(-1, 1))
def test_the_similarity_scale_is_monotone_and_ends_at_0_and_100(one, other):
    scale = SimilarityScale(KNOTS)
    low, high = scale.similarities(np.array(sorted((one, other)), np.float32))
    assert 0 <= low <= high <= 100
    assert scale.similarities(np.array([1], np.float32))[0] == 100
    assert scale.similarities(np.array([0.365], np.float32))[0] == pytest.approx(80)


@given(st.floats(0, 100, width=32))
def test_no_cosine_below_the_floor_reaches_the_similarity(similarity):
    scale = SimilarityScale(KNOTS)
    least = scale.least_cosine(similarity)
    below = np.array([np.clip(least - 1e-3, -1, 1)], np.float32)
    assert least == -1 or scale.similarities(below)[0] < similarity
