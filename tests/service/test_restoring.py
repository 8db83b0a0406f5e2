"""A table restored to an earlier time, beside the snapshots of the future that it does not have."""

import pytest

from semblance.contract import schema
from tests.service.test_compaction import PEOPLE, delete, found, index

MINUTE = 60


@pytest.fixture
def staff(rekognition):
    rekognition.create_collection(CollectionId="staff")
    return index(rekognition, *PEOPLE)


@pytest.fixture
def cold(make_service, make_client):
    """A function that returns a client of a new process."""
    return lambda: make_client(make_service())


@pytest.fixture
def saved(table):
    """Saves the table; the function that it returns restores it to that time."""

    def save():
        items = table.scan()["Items"]

        def restore():
            with table.batch_writer() as batch:
                for item in table.scan()["Items"]:
                    batch.delete_item(Key={name: item[name] for name in ("pk", "sk")})
            with table.batch_writer() as batch:
                for item in items:
                    batch.put_item(Item=item)

        return restore

    return save


@pytest.fixture
def restored(rekognition, staff, saved, clock, compacting):
    """On Tuesday there were ann, bob, eve and joe. Later ann was deleted, zoe was added and a
    snapshot was written. Then the table was restored to Tuesday."""
    compacting.by_the_clock()
    clock.now += 10 * MINUTE
    back_to_tuesday = saved()
    delete(rekognition, staff["ann"])
    index(rekognition, "zoe")
    clock.now += 10 * MINUTE
    compacting.run()
    back_to_tuesday()
    return staff


def test_a_cold_search_finds_everyone_whom_the_restored_table_has(restored, cold):
    """ann is missing in the newest snapshot, and zoe is in it."""
    assert found(cold()) == set(restored.values())


def test_the_snapshot_of_the_lost_future_is_replaced_at_the_next_run(
    restored, cold, clock, compacting, snapshots
):
    (lost,) = compacting.objects()
    clock.now += 15 * MINUTE
    compacting.by_the_clock()
    (kept,) = compacting.objects()
    assert kept != lost
    assert snapshots.newest(compacting.uid("staff")).key == kept
    assert found(cold()) == set(restored.values())


def test_faces_indexed_after_the_restore_are_found_from_the_table_and_the_snapshot(
    restored, cold, clock, compacting
):
    new = index(cold(), "kim", "zoe")
    assert found(cold()) == {*restored.values(), *new.values()}
    clock.now += 15 * MINUTE
    compacting.by_the_clock()
    assert found(cold()) == {*restored.values(), *new.values()}


def test_a_run_of_the_old_stack_that_ends_late_changes_nothing(
    restored, cold, clock, compacting, s3
):
    """It put its snapshot after the new table's, and named it in the table that was left behind."""
    (lost,) = compacting.objects()
    bucket = compacting.service.settings.snapshots_bucket
    s3.copy_object(Bucket=bucket, CopySource={"Bucket": bucket, "Key": lost}, Key="lost")
    clock.now += 15 * MINUTE
    compacting.by_the_clock()
    kept = max(compacting.objects())
    stamp = schema.change_stamp(int((clock.now + MINUTE) * 1000))
    folder, _, name = lost.rpartition("/")
    late = f"{folder}/{stamp}{name[len(stamp) :]}"
    assert late > kept
    s3.copy_object(Bucket=bucket, CopySource={"Bucket": bucket, "Key": "lost"}, Key=late)
    s3.delete_object(Bucket=bucket, Key="lost")
    assert found(cold()) == set(restored.values())
    clock.now += 15 * MINUTE
    compacting.by_the_clock()
    assert found(cold()) == set(restored.values())
    assert late not in compacting.objects()
