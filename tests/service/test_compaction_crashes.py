"""Kills the compactor after each of its writes: readers stay right at once, and the next run
completes the work."""

import itertools
from contextlib import suppress

import pytest

from semblance.contract import schema
from semblance.maintenance.sweeping import LAST_WRITE_SECONDS
from semblance.maintenance.visit import QUIET_MS
from semblance.stores.snapshot_bucket import SnapshotBucket
from tests.service.test_compaction import counts, delete, found, index, miscount
from tests.world.account import SNAPSHOTS_BUCKET
from tests.world.compacting import Killed, dying, vectors_of
from tests.world.fakes import picture

pytestmark = pytest.mark.slow  # each is killed at every one of its calls

GONE = ("ann", "old", "orphan")
QUIET = QUIET_MS / 1000 + 1


@pytest.fixture
def clients(table, s3):
    return [table.meta.client, s3]


def a_collection_to_compact(compacting, rekognition, clock):
    """Makes one with an expired change, a snapshot that holds a deleted face, a user with two
    versions, and wrong counts. Returns the ids of the faces that a search must find."""
    rekognition.create_collection(CollectionId="staff")
    faces = index(rekognition, "ann", "bob", "eve")
    delete(rekognition, index(rekognition, "old")["old"])
    clock.advance(schema.CHANGES_KEPT_SECONDS - 3600)
    compacting.run()
    clock.advance(2 * 3600)
    rekognition.create_user(CollectionId="staff", UserId="u")
    for person in ("bob", "eve"):
        clock.advance(1)
        rekognition.associate_faces(
            CollectionId="staff", UserId="u", FaceIds=[faces[person]], UserMatchThreshold=0
        )
    delete(rekognition, faces.pop("ann"))
    faces |= index(rekognition, "new")
    miscount(compacting.table)
    clock.advance(QUIET)
    return set(faces.values())


def a_collection_to_erase(compacting, rekognition, s3, clock):
    """Makes one, and another that is erased except for a late snapshot and a late upload."""
    rekognition.create_collection(CollectionId="closed")
    index(rekognition, "old", collection="closed")
    uid = compacting.uid("closed")
    rekognition.delete_collection(CollectionId="closed")
    for owner, person in ((uid, "old"), ("nobody", "orphan")):
        place = {"Bucket": SNAPSHOTS_BUCKET, "Key": f"snapshots/{owner}/{clock() * 1000:.0f}-01"}
        s3.put_object(**place, Body=vectors_of(person)[1])
        upload = s3.create_multipart_upload(**place)["UploadId"]
        s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=vectors_of(person)[1])
    clock.advance(LAST_WRITE_SECONDS)


def deaths(clients, work):
    """Kills `work` after its first write, then after its second, until it runs to its end."""
    for calls in itertools.count(1):
        with dying(clients, after=calls) as death:
            with suppress(Killed):
                work()
            if not death.has_come:
                return
        yield calls


def test_a_compaction_that_is_killed_at_any_call(
    compacting, rekognition, make_service, make_client, clock, clients, cloud, table
):
    warm, most = make_client(make_service()), 0

    def prepare():
        for name in rekognition.list_collections()["CollectionIds"]:
            rekognition.delete_collection(CollectionId=name)
        return a_collection_to_compact(compacting, rekognition, clock)

    expected = prepare()
    for calls in deaths(clients, compacting.run):
        most = calls
        assert found(warm) == expected
        assert found(make_client(make_service())) == expected
        compacting.run()
        check(compacting, rekognition, expected, make_client(make_service()))
        expected = prepare()
    assert most >= 10


def check(compacting, rekognition, expected, client):
    uid = compacting.uid("staff")
    assert found(client) == expected
    assert counts(rekognition) == (3, 1)
    bare = [each for each in compacting.items(f"F#{uid}") if schema.EXPIRES_AT in each]
    assert len(bare) == 1
    assert len([key for key in compacting.objects() if uid in key]) == 1
    assert len(compacting.items(f"L#{uid}")) == 5
    assert not compacting.holds(*vectors_of("ann"))
    codes = [each["codes"] for each in compacting.items(f"L#{uid}") if "user_id" in each]
    assert sum(bool(bytes(each)) for each in codes) == 1
    users = client.search_users_by_image(
        CollectionId="staff", Image={"Bytes": picture("bob")}, UserMatchThreshold=0
    )
    assert [match["User"]["UserId"] for match in users["UserMatches"]] == ["u"]


def test_an_erasure_that_is_killed_at_any_call(compacting, rekognition, s3, clock, clients):
    most = 0
    a_collection_to_erase(compacting, rekognition, s3, clock)
    for calls in deaths(clients, compacting.by_the_clock):
        most = calls
        compacting.by_the_clock()
        assert compacting.items("") == []
        assert compacting.objects() == {}
        assert list(compacting.maintenance.snapshots.uploads()) == []
        a_collection_to_erase(compacting, rekognition, s3, clock)
    assert most > 7


@pytest.mark.slow
def test_a_large_snapshot_that_is_killed_at_any_call_is_there_whole_or_not_at_all(
    s3, clock, clients, tmp_path
):
    part = 5 * 2**20
    bucket = SnapshotBucket(s3, SNAPSHOTS_BUCKET, tmp_path / "fetched", clock, part_bytes=part)
    path = tmp_path / "written"
    path.write_bytes(bytes(2 * part + 1))
    now_ms = int(clock() * 1000)
    bucket.put("uid", path, now_ms - 1000, b"none")
    for _ in deaths(clients[1:], lambda: bucket.put("uid", path, now_ms, b"none")):
        fetched = bucket.fetch("uid")
        assert fetched.stat().st_size == 2 * part + 1
        fetched.unlink()
        assert (bucket.newest("uid").watermark_ms == now_ms) != bool(list(bucket.uploads()))
        bucket.abort(bucket.uploads())
        *_, newest = bucket.all("uid")
        if newest.watermark_ms == now_ms:
            bucket.delete([newest])
