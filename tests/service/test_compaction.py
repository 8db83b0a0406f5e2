"""The compactor's duties: the data it removes, the data it keeps, and readers during its run."""

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from semblance.contract import schema
from semblance.gallery.loaded import OVERLAP_SECONDS
from semblance.maintenance.counting import AGAIN_SECONDS
from semblance.maintenance.renewing import KEPT_SECONDS, RENEWED_SECONDS
from semblance.maintenance.sweeping import LAST_WRITE_SECONDS
from semblance.maintenance.visit import QUIET_MS
from tests.world.compacting import stored_face, vectors_of
from tests.world.fakes import CODEC, picture

HOUR = 3600
QUIET = QUIET_MS / 1000 + 1
PEOPLE = ("ann", "bob", "eve", "joe")


@pytest.fixture
def staff(rekognition):
    """The face id of each of four people in the collection `staff`."""
    rekognition.create_collection(CollectionId="staff")
    return index(rekognition, *PEOPLE)


def index(rekognition, *people, collection="staff", shot=0):
    reply = rekognition.index_faces(
        CollectionId=collection, Image={"Bytes": picture(*people, shot=shot)}
    )
    ids = [record["Face"]["FaceId"] for record in reply["FaceRecords"]]
    return dict(zip(people, ids, strict=True))


def delete(rekognition, face_id, collection="staff"):
    reply = rekognition.delete_faces(CollectionId=collection, FaceIds=[face_id])
    assert reply["DeletedFaces"] == [face_id]


def found(client, collection="staff"):
    """The ids of all faces that a search can find."""
    reply = client.search_faces_by_image(
        CollectionId=collection,
        Image={"Bytes": picture("mallory")},
        FaceMatchThreshold=0,
        MaxFaces=4096,
    )
    return {match["Face"]["FaceId"] for match in reply["FaceMatches"]}


@pytest.fixture
def cold(make_service, make_client):
    """A function that returns a client of a new process."""
    return lambda: make_client(make_service())


# Change records


@pytest.mark.slow
def test_a_deleted_face_is_scrubbed_from_the_change_that_added_it(
    compacting, rekognition, staff, clock
):
    delete(rekognition, staff["ann"])
    embedding, code = vectors_of("ann")
    assert not compacting.holds(embedding)
    assert compacting.holds(code)
    compacting.by_the_clock()
    assert not compacting.holds(code)
    (added,) = (each for each in compacting.items("L#") if "added" in each)
    assert len(bytes(added["added"])) == 3 * 16
    assert len(bytes(added["codes"])) == 3 * CODEC.size
    for person in ("bob", "eve", "joe"):
        assert vectors_of(person)[1] in bytes(added["codes"])


@pytest.mark.slow
def test_every_reader_is_right_after_a_change_was_scrubbed(
    compacting, rekognition, staff, cold, clock
):
    saw_nothing, saw_the_addition, saw_both = cold(), cold(), cold()
    found(saw_the_addition)
    clock.advance(10)
    delete(rekognition, staff["ann"])
    found(saw_both)
    compacting.run()
    left = set(staff.values()) - {staff["ann"]}
    for reader in (saw_nothing, saw_the_addition, saw_both, cold()):
        assert found(reader) == left


@pytest.mark.slow
def test_a_face_that_came_back_under_its_old_id_is_not_scrubbed(
    compacting, rekognition, staff, table, clock, cold
):
    """The bare key goes after two days; the expired record of the removal may still be there."""
    delete(rekognition, staff["ann"])
    clock.advance(schema.CHANGES_KEPT_SECONDS + 1)
    uid = compacting.uid("staff")
    table.delete_item(Key=schema.face_key(uid, staff["ann"]))
    assert index(rekognition, "ann")["ann"] != staff["ann"]  # another picture has another id
    again = index(rekognition, *PEOPLE)
    assert again["ann"] == staff["ann"]
    compacting.by_the_clock()
    assert staff["ann"] in found(cold())
    newest = max(compacting.items("L#"), key=lambda each: each["sk"])
    assert vectors_of("ann")[1] in bytes(newest["codes"])


@pytest.mark.slow
def test_old_versions_of_a_user_lose_their_vectors(compacting, rekognition, staff, clock):
    rekognition.create_user(CollectionId="staff", UserId="u")
    for person in ("ann", "bob"):
        clock.advance(1)
        rekognition.associate_faces(
            CollectionId="staff", UserId="u", FaceIds=[staff[person]], UserMatchThreshold=0
        )
    clock.advance(1)
    compacting.by_the_clock()
    codes = {
        int(each["version"]): bytes(each["codes"])
        for each in compacting.items("L#")
        if "user_id" in each
    }
    assert [bool(codes[version]) for version in sorted(codes)] == [False, False, True]
    assert codes[max(codes)] not in vectors_of("ann")


@pytest.mark.slow
def test_a_deleted_users_vector_is_gone(compacting, rekognition, staff, clock, cold):
    rekognition.create_user(CollectionId="staff", UserId="u")
    clock.advance(1)
    rekognition.associate_faces(CollectionId="staff", UserId="u", FaceIds=[staff["ann"]])
    clock.advance(1)
    rekognition.delete_user(CollectionId="staff", UserId="u")
    compacting.by_the_clock()
    assert not [
        each for each in compacting.items("L#") if "user_id" in each and bytes(each["codes"])
    ]
    reply = cold().search_users_by_image(
        CollectionId="staff", Image={"Bytes": picture("ann")}, UserMatchThreshold=0
    )
    assert reply["UserMatches"] == []


@pytest.mark.slow
def test_a_removal_that_was_slow_to_commit_is_scrubbed_by_the_next_run(
    compacting, rekognition, staff, clock, make_service, make_client
):
    slow = make_client(make_service(writer_clock=lambda: clock() - OVERLAP_SECONDS + 5))
    compacting.by_the_clock()
    delete(slow, staff["ann"])
    compacting.by_the_clock()
    assert not compacting.holds(*vectors_of("ann"))


# Counts


def miscount(table, faces=7, users=3):
    table.update_item(
        Key=schema.collection_key("staff"),
        UpdateExpression="SET face_count = :f, user_count = :u",
        ExpressionAttributeValues={":f": faces, ":u": users},
    )


def counts(rekognition):
    told = rekognition.describe_collection(CollectionId="staff")
    return told["FaceCount"], told["UserCount"]


@pytest.mark.slow
def test_counts_that_a_crash_left_behind_are_corrected(
    compacting, rekognition, staff, table, clock
):
    rekognition.create_user(CollectionId="staff", UserId="u")
    delete(rekognition, staff["ann"])
    miscount(table)
    clock.advance(QUIET)
    report = compacting.by_the_clock()
    assert report["Compacted"][0]["counts"] == "corrected"
    assert counts(rekognition) == (3, 1)


@pytest.mark.slow
def test_nothing_is_counted_while_a_writer_may_be_active(
    compacting, rekognition, staff, table, clock
):
    miscount(table)
    compacting.run()
    assert counts(rekognition) == (7, 3)


@pytest.mark.slow
def test_faces_stored_during_a_count_are_counted_once(compacting, rekognition, staff, table, clock):
    miscount(table)
    clock.advance(QUIET)
    events, service = table.meta.client.meta.events, compacting.service
    stored = []
    nobody_counts_yet = threading.Lock()  # moto cannot write while it reads

    def store(params, **_):
        if "Select" not in json.loads(params["body"]):
            return
        with nobody_counts_yet:
            if not stored:
                stored.append(service.faces.add(compacting.uid("staff"), [stored_face(1)]))

    events.register("before-call.dynamodb.Query", store, "writer")
    report = compacting.run()
    events.unregister("before-call.dynamodb.Query", unique_id="writer")
    assert report["Compacted"][0]["counts"] is None
    service.collections.count(service.collections.get("staff"), faces=stored[0].new)
    assert counts(rekognition) == (8, 3)
    clock.advance(QUIET)
    compacting.run()
    assert counts(rekognition) == (5, 0)


@pytest.mark.slow
def test_a_count_that_changes_during_the_run_is_left_alone(
    compacting, rekognition, staff, table, clock
):
    miscount(table)
    clock.advance(QUIET)

    events = table.meta.client.meta.events

    def count(**_):
        events.unregister("before-call.dynamodb.UpdateItem", unique_id="other")
        miscount(table, faces=9)

    def arm(params, **_):
        if "Select" in json.loads(params["body"]) and not armed:
            armed.append(1)
            events.register("before-call.dynamodb.UpdateItem", count, "other")

    armed = []
    events.register("before-call.dynamodb.Query", arm, "arm")
    report = compacting.run({"CollectionId": "staff"})
    events.unregister("before-call.dynamodb.Query", unique_id="arm")
    assert report["Compacted"][0]["counts"] is None
    assert counts(rekognition) == (9, 3)


@pytest.mark.slow
def test_a_collection_is_counted_at_most_twice_a_day(compacting, rekognition, staff, table, clock):
    clock.advance(QUIET)
    assert compacting.by_the_clock()["Compacted"][0]["counts"] == "right"
    index(rekognition, "new")
    clock.advance(QUIET)
    assert compacting.by_the_clock()["Compacted"][0]["counts"] is None
    assert compacting.run()["Compacted"][0]["counts"] == "right"
    clock.advance(AGAIN_SECONDS)
    assert (
        compacting.by_the_clock()["Compacted"][0]["counts"] is None
    )  # too soon after the last count
    index(rekognition, "newer")
    clock.advance(QUIET)
    clock.advance(AGAIN_SECONDS)
    assert compacting.by_the_clock()["Compacted"][0]["counts"] == "right"


# Expired items


@pytest.mark.slow
def test_expired_changes_and_bare_keys_are_deleted(compacting, rekognition, staff, clock, cold):
    rekognition.create_user(CollectionId="staff", UserId="u")
    clock.advance(1)
    rekognition.delete_user(CollectionId="staff", UserId="u")
    delete(rekognition, staff["ann"])
    clock.advance(schema.CHANGES_KEPT_SECONDS - HOUR)
    index(rekognition, "new")
    compacting.run()
    assert len(compacting.items("L#")) == 5
    clock.advance(HOUR + 1)
    compacting.run()
    (change,) = compacting.items("L#")
    assert len(bytes(change["added"])) == 16
    assert compacting.items("U#") == []
    assert len(compacting.items("F#")) == 4
    assert len(found(cold())) == 4


@pytest.mark.slow
def test_expired_items_are_first_left_to_dynamodbs_time_to_live(
    compacting, rekognition, staff, clock
):
    clock.advance(schema.CHANGES_KEPT_SECONDS + HOUR)
    compacting.by_the_clock()
    assert len(compacting.items("L#")) == 1
    clock.advance(6 * HOUR)
    compacting.by_the_clock()
    assert compacting.items("L#") == []


@pytest.mark.slow
def test_a_face_that_was_indexed_again_is_not_deleted_as_an_expired_key(
    compacting, rekognition, staff, clock, table
):
    delete(rekognition, staff["ann"])
    clock.advance(schema.CHANGES_KEPT_SECONDS + 1)
    table.delete_item(Key=schema.face_key(compacting.uid("staff"), staff["ann"]))
    assert index(rekognition, *PEOPLE)["ann"] == staff["ann"]
    compacting.run()
    assert len(compacting.items("F#")) == 4


# Deleted collections


@pytest.fixture
def deleted(compacting, rekognition, staff, clock):
    """The uid of a deleted collection that had data of every kind."""
    rekognition.create_user(CollectionId="staff", UserId="u", ClientRequestToken="token")
    compacting.run()
    uid = compacting.uid("staff")
    delete(rekognition, staff["ann"])
    assert len(compacting.items_of(uid)) > 8
    assert len(compacting.objects()) == 1
    rekognition.delete_collection(CollectionId="staff")
    return uid


@pytest.mark.slow
def test_everything_of_a_deleted_collection_is_erased(compacting, deleted, clock):
    report = compacting.by_the_clock()
    assert (report["Erased"], report["Erasing"]) == (0, 1)
    (word,) = compacting.items_of(deleted)
    assert word["pk"] == "ERASURES"
    assert compacting.objects() == {}
    clock.advance(LAST_WRITE_SECONDS)
    report = compacting.by_the_clock()
    assert (report["Erased"], report["Erasing"]) == (1, 0)
    assert compacting.items("") == []


@pytest.mark.slow
def test_faces_that_were_indexed_while_the_collection_was_deleted_are_erased(
    compacting, deleted, service, clock
):
    compacting.by_the_clock()
    clock.advance(LAST_WRITE_SECONDS - 130)
    service.faces.add(deleted, [stored_face(n) for n in range(3)])
    clock.advance(130)
    compacting.by_the_clock()
    assert compacting.items("") == []


@pytest.mark.slow
def test_erasure_ends_within_the_hour_at_the_longest_interval_of_runs(compacting, deleted, clock):
    """Runs 20 minutes apart, the first one just before the deletion."""
    for _ in range(2):
        clock.advance(20 * 60)
        compacting.by_the_clock()
    assert compacting.items("") == []


@pytest.mark.slow
def test_a_new_collection_of_that_name_is_not_touched(compacting, deleted, rekognition, clock):
    rekognition.create_collection(CollectionId="staff")
    faces = index(rekognition, *PEOPLE)
    clock.advance(LAST_WRITE_SECONDS)
    compacting.by_the_clock()
    assert found(rekognition) == set(faces.values())
    assert len(compacting.items("F#")) == 4


@pytest.mark.slow
def test_parts_of_a_snapshot_that_was_never_completed_are_erased(compacting, deleted, s3):
    place = {
        "Bucket": compacting.service.settings.snapshots_bucket,
        "Key": f"snapshots/{deleted}/1790000000000-0123",
    }
    upload = s3.create_multipart_upload(**place)["UploadId"]
    s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"vectors")
    compacting.by_the_clock()
    assert list(compacting.maintenance.snapshots.uploads()) == []


@pytest.mark.slow
def test_an_erasure_continues_where_the_last_run_ran_out_of_time(
    compacting, deleted, service, clock
):
    clock.advance(LAST_WRITE_SECONDS)
    report = compacting.by_the_clock(seconds=20)
    assert (report["Erased"], report["Erasing"]) == (0, 1)
    assert len(compacting.items_of(deleted)) > 8
    assert compacting.by_the_clock()["Erased"] == 1
    assert compacting.items("") == []


# Snapshots


def snapshot(compacting):
    (content,) = compacting.objects().values()
    return content


@pytest.mark.slow
def test_a_cold_function_starts_from_the_snapshot(compacting, rekognition, staff, cold, table):
    compacting.run()
    reads = []

    def note(params, **_):
        reads.append(json.loads(params["body"]))

    table.meta.client.meta.events.register("before-call.dynamodb.Query", note, "reads")
    index(rekognition, "new")
    assert len(found(cold())) == 5
    table.meta.client.meta.events.unregister("before-call.dynamodb.Query", unique_id="reads")
    values = [each["ExpressionAttributeValues"] for each in reads]
    assert not [each for each in values if "F#" in json.dumps(each)]


@pytest.mark.slow
def test_a_deleted_face_is_in_no_copy_a_day_later(compacting, rekognition, staff, clock):
    """With so many faces, one deletion alone is no reason to renew the snapshot."""
    compacting.service.faces.add(compacting.uid("staff"), [stored_face(n) for n in range(60)])
    miscount(compacting.table, faces=64, users=0)
    clock.advance(HOUR)
    compacting.by_the_clock()
    delete(rekognition, staff["ann"])
    compacting.by_the_clock()
    code = vectors_of("ann")[1]
    assert code in snapshot(compacting)
    for _ in range(12):
        clock.advance(2 * HOUR)
        compacting.by_the_clock()
    assert not compacting.holds(*vectors_of("ann"))
    assert vectors_of("bob")[1] in snapshot(compacting)


@pytest.mark.slow
def test_a_deleted_face_is_in_no_copy_after_a_run_on_demand(
    compacting, rekognition, staff, cold, clock
):
    compacting.run()
    clock.advance(1)
    delete(rekognition, staff["ann"])
    report = compacting.run({"CollectionId": "staff"})
    assert report["Compacted"][0]["snapshot_faces"] == 3
    assert not compacting.holds(*vectors_of("ann"))
    assert found(cold()) == set(staff.values()) - {staff["ann"]}


@pytest.mark.slow
def test_a_snapshot_is_renewed_when_many_faces_are_new_or_it_is_old(
    compacting, rekognition, staff, clock
):
    def renewed():
        return compacting.by_the_clock()["Compacted"][0]["snapshot_faces"] is not None

    clock.advance(HOUR)
    assert renewed()
    assert not renewed()
    compacting.service.faces.add(compacting.uid("staff"), [stored_face(1)])
    assert renewed()  # more than a tenth of the faces are new
    clock.advance(HOUR)
    assert renewed()  # again: the last snapshot may lack so recent a change
    assert not renewed()
    clock.advance(RENEWED_SECONDS)
    assert not renewed()  # nothing has changed
    clock.advance(KEPT_SECONDS - RENEWED_SECONDS - 600)
    assert not renewed()
    clock.advance(600)
    assert renewed()  # before the changes that a reader needs expire


@pytest.mark.slow
def test_a_snapshot_with_few_changes_is_renewed_after_half_a_day(
    compacting, rekognition, staff, clock
):
    compacting.service.faces.add(compacting.uid("staff"), [stored_face(n) for n in range(30)])
    miscount(compacting.table, faces=34, users=0)
    clock.advance(HOUR)
    assert compacting.by_the_clock()["Compacted"][0]["snapshot_faces"] == 34
    index(rekognition, "new")
    clock.advance(RENEWED_SECONDS - HOUR)
    assert compacting.by_the_clock()["Compacted"][0]["snapshot_faces"] is None
    clock.advance(HOUR)
    assert compacting.by_the_clock()["Compacted"][0]["snapshot_faces"] == 35


@pytest.mark.slow
def test_a_small_collection_has_no_snapshot(compacting, rekognition, staff):
    compacting.run()
    assert len(compacting.objects()) == 1
    for person in ("ann", "bob"):
        delete(rekognition, staff[person])
    compacting.run()
    assert compacting.objects() == {}
    assert found(rekognition) == {staff["eve"], staff["joe"]}


@pytest.mark.slow
def test_users_are_in_the_snapshot(compacting, rekognition, staff, cold, clock):
    rekognition.create_user(CollectionId="staff", UserId="u")
    rekognition.associate_faces(CollectionId="staff", UserId="u", FaceIds=[staff["ann"]])
    clock.advance(QUIET)
    compacting.run()
    clock.advance(47 * HOUR - QUIET)
    reply = cold().search_users_by_image(
        CollectionId="staff", Image={"Bytes": picture("ann")}, UserMatchThreshold=99
    )
    assert [match["User"]["UserId"] for match in reply["UserMatches"]] == ["u"]


@pytest.mark.slow
def test_a_snapshot_of_a_collection_deleted_during_the_run_does_not_survive(
    compacting, rekognition, staff, s3
):
    def delete_the_collection(**_):
        s3.meta.events.unregister("before-call.s3.PutObject", unique_id="meanwhile")
        rekognition.delete_collection(CollectionId="staff")

    s3.meta.events.register("before-call.s3.PutObject", delete_the_collection, "meanwhile")
    compacting.run()
    assert compacting.objects() == {}


def test_a_snapshot_that_belongs_to_no_collection_is_deleted(compacting, s3, clock):
    bucket = compacting.service.settings.snapshots_bucket
    s3.put_object(Bucket=bucket, Key="snapshots/a-uid/1790000000000-0123", Body=b"vectors")
    compacting.by_the_clock()
    assert compacting.objects() == {}


@pytest.mark.slow
def test_a_snapshot_that_differs_from_the_table_is_made_again_from_the_table(
    compacting, rekognition, staff, table, clock, cold
):
    """Covers a change that was lost between two snapshots, for an unknown reason."""
    compacting.run()
    table.delete_item(Key=schema.face_key(compacting.uid("staff"), staff["ann"]))
    miscount(table, faces=3, users=0)
    index(rekognition, "new")
    clock.advance(QUIET)
    report = compacting.run()
    assert report["Compacted"][0]["snapshot_faces"] == 4
    assert vectors_of("ann")[1] not in snapshot(compacting)


@pytest.mark.slow
def test_a_broken_snapshot_is_replaced(compacting, rekognition, staff, s3, clock, cold):
    compacting.run()
    bucket = compacting.service.settings.snapshots_bucket
    ((key, content),) = compacting.objects().items()
    s3.put_object(Bucket=bucket, Key=key, Body=content[:-1])
    assert found(cold()) == set(staff.values())
    clock.advance(1)
    index(rekognition, "new")
    compacting.run()
    assert list(compacting.objects()) != [key]
    assert len(found(cold())) == 5


@pytest.mark.slow
def test_an_upload_in_progress_by_another_compactor_is_left_alone(
    compacting, rekognition, staff, s3, clock
):
    place = {
        "Bucket": compacting.service.settings.snapshots_bucket,
        "Key": f"snapshots/{compacting.uid('staff')}/1790000000000-0123",
    }
    s3.create_multipart_upload(**place)
    began = datetime.fromtimestamp(clock(), UTC)

    def begun_now(parsed, **_):
        """In moto every upload began in 2010."""
        for upload in parsed.get("Uploads", ()):
            upload["Initiated"] = began

    s3.meta.events.register("after-call.s3.ListMultipartUploads", begun_now, "begun")
    clock.advance(schema.LONGEST_CALL_SECONDS)
    compacting.run()
    assert len(list(compacting.maintenance.snapshots.uploads())) == 1
    clock.advance(HOUR)
    compacting.run()
    assert list(compacting.maintenance.snapshots.uploads()) == []
    s3.meta.events.unregister("after-call.s3.ListMultipartUploads", unique_id="begun")


@pytest.mark.slow
def test_two_compactors_at_once_do_no_harm(compacting, rekognition, staff, s3, table, cold, clock):
    """The second one runs completely before each call that the first one makes."""
    compacting.run()
    delete(rekognition, staff["ann"])
    index(rekognition, "new")
    rekognition.create_collection(CollectionId="gone")
    index(rekognition, "old", collection="gone")
    rekognition.delete_collection(CollectionId="gone")
    miscount(table)
    clock.advance(QUIET + LAST_WRITE_SECONDS)
    inside = []

    def run_another(**_):
        if not inside:
            inside.append(1)
            compacting.run()
            inside.clear()

    for client in (s3, table.meta.client):
        client.meta.events.register("before-call", run_another, "another")
    compacting.run()
    for client in (s3, table.meta.client):
        client.meta.events.unregister("before-call", unique_id="another")
    assert len(found(cold())) == 4
    assert len(compacting.objects()) == 1
    assert not compacting.holds(*vectors_of("ann"), *vectors_of("old"))
    clock.advance(QUIET)
    compacting.run()
    assert counts(rekognition) == (4, 0)


# Runs


@pytest.mark.slow
def test_the_collection_that_waited_longest_comes_first_and_the_next_run_takes_the_rest(
    compacting, rekognition, clock
):
    names = ["a", "b", "c"]
    for name in names:
        rekognition.create_collection(CollectionId=name)
        clock.advance(1)
        compacting.run({"CollectionId": name})
    clock.advance(1)
    compacting.run({"CollectionId": "a"})
    report = compacting.run()
    assert [each["collection"] for each in report["Compacted"]] == ["b", "c", "a"]
    report = compacting.run(seconds=60)
    assert (report["Compacted"], sorted(report["Left"])) == ([], names)


@pytest.mark.slow
def test_a_collection_that_fails_does_not_stop_the_others(
    compacting, rekognition, staff, s3, clock
):
    rekognition.create_collection(CollectionId="another")

    def fail(**_):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")

    s3.meta.events.register("before-call.s3.PutObject", fail, "fail")
    report = compacting.run()
    assert [each["collection"] for each in report["Compacted"]] == ["another"]
    ((what, error),) = (each.values() for each in report["Failed"])
    assert what == "staff"
    assert "AccessDenied" in error
    with pytest.raises(RuntimeError, match="the log says why: 1"):
        compacting.by_the_clock()
    s3.meta.events.unregister("before-call.s3.PutObject", unique_id="fail")
    assert compacting.by_the_clock()["Failed"] == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [("nobody", "ResourceNotFoundException"), ("a b", "ValidationException"), (7, "Serialization")],
)
def test_a_request_for_a_missing_collection_is_refused(compacting, asked, code):
    assert code in compacting.run({"CollectionId": asked})["Error"]["Code"]


@pytest.mark.slow
def test_a_collection_that_is_too_large_for_the_compactor_is_named_with_the_setting(
    compacting, rekognition, staff
):
    compacting.maintenance.galleries["fake-1"]._budget_bytes = 1
    ((what, error),) = (each.values() for each in compacting.run()["Failed"])
    assert (what, "compactor_memory_mib" in error) == ("staff", True)


@pytest.mark.slow
def test_the_function_loads_no_picture_library():
    program = "import sys, functions.compactor; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "semblance.maintenance.duties" in loaded
    assert loaded & {"onnxruntime", "PIL", "semblance.vision.engine"} == set()
