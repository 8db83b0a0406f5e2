"""S3 and SQS deliver at least once and out of order, and workers die: each photo counts once."""

import time
from contextlib import contextmanager

import pytest

from semblance.contract import schema
from tests.world.account import INPUT_BUCKET
from tests.world.fakes import picture
from tests.world.inbox import ALL_DONE, failed

KEY = "index/staff/ann.jpg"


class Killed(BaseException):
    """A kill by Lambda, at the timeout or for lack of memory: no code runs after it."""


@pytest.fixture
def everything(inbox, s3, table, rekognition):
    """A function that returns everything stored and the number of events."""

    def taken():
        buckets = (inbox.service.settings.input_bucket, inbox.service.settings.results_bucket)
        return (
            sorted(map(repr, table.scan()["Items"])),
            [s3.list_objects_v2(Bucket=bucket).get("Contents") for bucket in buckets],
            len(inbox.bus.entries),
        )

    return taken


def faces_of(rekognition):
    return sorted(face["FaceId"] for face in rekognition.list_faces(CollectionId="staff")["Faces"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "content"),
    [(KEY, picture("ann", "bob")), ("search/staff/x", picture("ann")), ("search/staff/x", b"text")],
)
def test_a_second_delivery_changes_nothing_and_answers_the_same(inbox, everything, key, content):
    photo = inbox.put(key, content)
    assert inbox.deliver(photo) == ALL_DONE
    before = everything()
    assert inbox.deliver(photo) == ALL_DONE
    assert inbox.deliver(photo, photo) == ALL_DONE
    assert everything() == before


@pytest.mark.slow
def test_a_second_delivery_in_the_same_batch_changes_nothing(inbox, rekognition):
    photo = inbox.put(KEY, picture("ann"))
    assert inbox.deliver(photo, photo) == ALL_DONE
    assert len(faces_of(rekognition)) == 1
    assert len(inbox.bus.entries) == 1


@pytest.mark.slow
def test_a_face_that_was_deleted_since_does_not_come_back_with_a_late_delivery(inbox, rekognition):
    photo = inbox.put(KEY, picture("ann"))
    inbox.deliver(photo)
    rekognition.delete_faces(CollectionId="staff", FaceIds=faces_of(rekognition))
    assert inbox.deliver(photo) == ALL_DONE
    assert faces_of(rekognition) == []


def test_the_record_of_a_photo_is_small_and_reveals_nothing(inbox, table):
    inbox.drop({KEY: picture("ann")})
    (item,) = (each for each in table.scan()["Items"] if each["pk"].startswith("P#"))
    assert item[schema.PARTITION_KEY] in map(schema.photos_partition, schema.SHARDS)
    assert item["data"] == '{"Outcome": "FacesIndexed"}'
    assert "ann" not in repr(item)
    assert len(repr(item)) < 400
    left = int(item[schema.EXPIRES_AT]) - time.time()
    assert left == pytest.approx(30 * 24 * 3600, abs=60)


@pytest.mark.slow
def test_records_of_photos_spread_over_many_partitions(inbox, table):
    inbox.drop({f"search/staff/{number}": b"text" for number in range(40)})
    partitions = {item["pk"] for item in table.scan()["Items"] if item["pk"].startswith("P#")}
    assert len(partitions) > 8


@pytest.mark.slow
def test_an_overwritten_photo_is_processed_as_its_new_version(inbox, rekognition):
    first, second = inbox.put(KEY, picture("ann")), inbox.put(KEY, picture("bob"))
    inbox.deliver(first)
    assert inbox.result(KEY)["Image"]["Version"] == version_of(first)
    inbox.deliver(second)
    assert inbox.result(KEY)["Image"]["Version"] == version_of(second)
    assert len(faces_of(rekognition)) == 2


@pytest.mark.slow
def test_the_same_content_put_again_adds_no_face(inbox, rekognition):
    first, second = inbox.put(KEY, picture("ann")), inbox.put(KEY, picture("ann"))
    assert version_of(first) != version_of(second)
    inbox.deliver(first, second)
    assert len(faces_of(rekognition)) == 1
    assert inbox.result(KEY)["Image"]["Version"] == version_of(second)


@pytest.mark.slow
def test_a_late_older_version_does_not_replace_the_newer_result(inbox, rekognition):
    first, second = inbox.put(KEY, picture("ann")), inbox.put(KEY, picture("bob"))
    inbox.deliver(second)
    assert inbox.deliver(first) == ALL_DONE
    assert inbox.result(KEY)["Image"]["Version"] == version_of(second)
    assert len(faces_of(rekognition)) == 2
    newer, older = inbox.bus.details
    assert "Superseded" not in newer
    assert older["Superseded"] is True
    assert older["Image"]["Version"] == version_of(first)


@pytest.mark.slow
@pytest.mark.parametrize("late", [0, 1])
def test_two_versions_processed_at_once_end_with_the_newer_result(inbox, s3, late):
    """Another worker processes one version when this one is about to write its result, and again
    before it tries a second time."""
    versions = [inbox.put("search/staff/x", picture("ann")), inbox.put("search/staff/x", b"text")]
    others = [versions.pop(1 - late)]

    def overtake():
        if others:
            inbox.deliver(others.pop())

    with before(s3, "s3.PutObject", overtake):
        assert inbox.deliver(*versions) == ALL_DONE
    assert inbox.result("search/staff/x")["Outcome"] == "ImageRejected"
    assert len(inbox.bus.entries) == 2


@pytest.mark.slow
def test_a_version_overtaken_between_its_read_and_its_write_reads_again(inbox, s3):
    oldest, older, newest = (inbox.put("search/staff/x", picture(name)) for name in "abc")
    inbox.deliver(oldest)
    others = [newest]

    def overtake():
        if others:
            inbox.deliver(others.pop())

    with before(s3, "s3.HeadObject", overtake, name="after-call"):
        assert inbox.deliver(older) == ALL_DONE
    assert inbox.result("search/staff/x")["Image"]["Version"] == version_of(newest)
    assert [detail.get("Superseded") for detail in inbox.bus.details] == [None, None, True]


@pytest.mark.slow
def test_sequencers_of_different_length_are_compared_as_s3_says(inbox):
    """As text from the left, with the shorter one padded with zeros at its end."""
    first, second = inbox.put(KEY, picture("ann")), inbox.put(KEY, picture("bob"))
    sequence(first, "0055AED6DCD9028142")
    sequence(second, "0055AED6DCD91")
    inbox.deliver(second, first)
    assert inbox.result(KEY)["Image"]["Version"] == version_of(second)


@pytest.mark.slow
def test_without_versions_etag_and_sequencer_identify_a_delivery(inbox, s3):
    s3.put_bucket_versioning(Bucket=INPUT_BUCKET, VersioningConfiguration={"Status": "Suspended"})
    first = inbox.notice("search/staff/x", etag="one")
    s3.put_object(Bucket=INPUT_BUCKET, Key="search/staff/x", Body=picture("ann"))
    inbox.deliver(first)
    inbox.deliver(first)
    assert len(inbox.bus.entries) == 1
    assert "Version" not in inbox.result("search/staff/x")["Image"]
    inbox.deliver(inbox.notice("search/staff/x", etag="one"))
    assert len(inbox.bus.entries) == 2


# Two workers with the same photo


@pytest.mark.slow
def test_a_photo_locked_by_another_worker_is_left_to_it(inbox, rekognition):
    photo = inbox.put(KEY, picture("ann"))
    answers = []

    def meanwhile():
        if not answers:
            answers.append(inbox.deliver(photo))

    with before(inbox.s3, "s3.PutObject", meanwhile):
        assert inbox.deliver(photo) == ALL_DONE
    assert answers == [failed(KEY)]
    assert inbox.deliver(photo) == ALL_DONE
    assert len(inbox.bus.entries) == 1
    assert len(faces_of(rekognition)) == 1


@pytest.mark.slow
def test_two_workers_that_process_the_same_photo_duplicate_nothing(inbox, rekognition):
    """The second takes a lock that expired too early, as it would with clocks that differ."""
    photo = inbox.put(KEY, picture("ann", "bob"))
    answers = []

    def meanwhile():
        if not answers:
            answers.append(None)
            time.sleep(0.005)
            answers.append(inbox.deliver(photo))

    with before(inbox.s3, "s3.PutObject", meanwhile):
        assert inbox.deliver(photo, remaining_ms=0) == ALL_DONE
    assert answers == [None, ALL_DONE]
    assert len(faces_of(rekognition)) == 2
    told = [record["Face"]["FaceId"] for record in inbox.result(KEY)["FaceRecords"]]
    assert sorted(told) == faces_of(rekognition)
    assert rekognition.describe_collection(CollectionId="staff")["FaceCount"] == 2


# A worker that is killed

POINTS = {
    "before its faces are stored": ("table", "dynamodb.TransactWriteItems"),
    "after its faces are stored, before it counts them": ("table", "dynamodb.UpdateItem"),
    "after its faces are stored, before the result": ("s3", "s3.PutObject"),
    "after the result, before the event": ("bus", None),
    "after the event, before it is remembered": ("once", "dynamodb.UpdateItem"),
}


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_photo_whose_worker_is_killed_is_tried_again(
    inbox, rekognition, dying, point, everything
):
    photo = inbox.put(KEY, picture("ann", "bob"))
    with dying(*POINTS[point]), pytest.raises(Killed):
        inbox.deliver(photo, remaining_ms=0)
    time.sleep(0.005)  # the visibility timeout is six times the function's timeout
    assert inbox.deliver(photo) == ALL_DONE
    told = [record["Face"]["FaceId"] for record in inbox.result(KEY)["FaceRecords"]]
    assert sorted(told) == faces_of(rekognition)
    assert len(told) == 2
    assert inbox.bus.entries
    assert all(detail == inbox.bus.details[0] for detail in inbox.bus.details)
    done = everything()
    assert inbox.deliver(photo) == ALL_DONE
    assert everything() == done


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_no_worker_takes_the_photo_before_the_killed_workers_lock_expires(
    inbox, dying, point, everything
):
    photo = inbox.put(KEY, picture("ann"))
    with dying(*POINTS[point]), pytest.raises(Killed):
        inbox.deliver(photo, remaining_ms=60_000)
    before = everything()
    assert inbox.deliver(photo) == failed(KEY)
    assert everything() == before


@pytest.fixture
def dying(inbox, table, s3):
    def die(*_, **__):
        raise Killed

    @contextmanager
    def on(whose, operation):
        if whose == "bus":
            inbox.bus.before_put = die
            yield
            inbox.bus.before_put = None
            return
        clients = {"table": table.meta.client, "s3": s3, "once": inbox.dynamodb}
        with before(clients[whose], operation, die):
            yield

    return on


@contextmanager
def before(client, operation, act, name="before-call"):
    """Calls `act` before each such call of the client."""

    def called(**_):
        act()

    client.meta.events.register(f"{name}.{operation}", called)
    try:
        yield
    finally:
        client.meta.events.unregister(f"{name}.{operation}", called)


def version_of(photo):
    return photo["Records"][0]["s3"]["object"]["versionId"]


def sequence(photo, sequencer):
    photo["Records"][0]["s3"]["object"]["sequencer"] = sequencer
