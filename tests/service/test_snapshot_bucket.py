"""Snapshots in S3: whole or not at all, always the newest, never one that is too old or damaged."""

import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError, IncompleteReadError

from semblance.embedding.codec import MARK_BYTES, UNMARKED
from semblance.stores.snapshot_bucket import USABLE_SECONDS, SnapshotBucket
from tests.world.account import SNAPSHOTS_BUCKET
from tests.world.fakes import CODEC

MIB = 2**20
PART = 5 * MIB
"""The smallest part that S3 accepts."""


@pytest.fixture
def refused():
    return []


@pytest.fixture
def bucket(s3, clock, tmp_path, refused):
    return SnapshotBucket(
        s3,
        SNAPSHOTS_BUCKET,
        tmp_path / "fetched",
        clock,
        on_unusable=lambda unusable: refused.append(unusable.reason),
        part_bytes=PART,
    )


@pytest.fixture
def put(bucket, clock, tmp_path):
    """A function that stores a snapshot whose watermark is `ago` seconds old."""

    def put(content, uid="uid", ago=0.0, mark=CODEC.mark):
        path = tmp_path / "written"
        path.write_bytes(content)
        bucket.put(uid, path, int((clock() - ago) * 1000), mark)

    return put


def content(mib):
    return bytes(range(256)) * (4096 * mib) + b"the end"


def keys(s3):
    found = s3.list_objects_v2(Bucket=SNAPSHOTS_BUCKET).get("Contents", ())
    return [each["Key"] for each in found]


def files(tmp_path):
    return list((tmp_path / "fetched").glob("*"))


@contextmanager
def each_time(client, event, act):
    client.meta.events.register(event, act)
    yield
    client.meta.events.unregister(event, act)


@pytest.mark.slow
@pytest.mark.parametrize("mib", [0, 11])
def test_a_stored_snapshot_is_fetched_unchanged(bucket, put, mib):
    put(content(mib))
    path = bucket.fetch("uid")
    assert path.read_bytes() == content(mib)


def test_each_fetch_has_a_file_of_its_own(bucket, put):
    put(b"snapshot")
    assert bucket.fetch("uid") != bucket.fetch("uid")


def test_a_collection_without_a_snapshot_gets_none(bucket, put):
    put(b"snapshot", uid="uid-2")
    assert bucket.fetch("uid") is None


def test_the_newest_snapshot_is_fetched_in_any_order_of_storing(bucket, put):
    for ago in (10, 5, 20):
        put(f"{ago} s old".encode(), ago=ago)
    assert bucket.fetch("uid").read_bytes() == b"5 s old"


def test_the_key_holds_the_watermark(bucket, put, clock):
    put(b"snapshot", ago=5)
    assert bucket.newest("uid").watermark_ms == int((clock() - 5) * 1000)


@pytest.mark.parametrize(
    "other", [replace(CODEC, model_id="fake-2"), replace(CODEC, size=96), UNMARKED]
)
def test_a_snapshot_of_another_codec_is_not_even_read(bucket, put, refused, s3, tmp_path, other):
    put(b"snapshot", mark=other.mark)
    reads = []
    with each_time(s3, "before-call.s3.GetObject", lambda **_: reads.append(1)):
        assert bucket.fetch("uid", codec=CODEC) is None
    assert (reads, files(tmp_path)) == ([], [])
    assert refused == ["its codes are of another model or scale than fake-1"]
    assert bucket.fetch("uid", codec=other).read_bytes() == b"snapshot"
    assert bucket.fetch("uid").read_bytes() == b"snapshot"


@pytest.mark.parametrize(("reader", "used"), [(UNMARKED, True), (CODEC, False)])
def test_a_key_without_a_mark_is_that_of_the_one_model_there_was(bucket, put, s3, reader, used):
    put(b"snapshot")
    (key,) = keys(s3)
    source = {"Bucket": SNAPSHOTS_BUCKET, "Key": key}
    s3.copy_object(Bucket=SNAPSHOTS_BUCKET, Key=key[: -2 * MARK_BYTES], CopySource=source)
    s3.delete_object(**source)
    assert bucket.newest("uid").mark == b""
    assert (bucket.fetch("uid", codec=reader) is not None) is used


def test_a_snapshot_older_than_the_kept_changes_is_not_used(bucket, put, clock):
    put(b"snapshot")
    clock.advance(USABLE_SECONDS - 1)
    assert bucket.fetch("uid") is not None
    clock.advance(1)
    assert bucket.fetch("uid") is None


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_snapshot_replaced_during_its_read_gives_way_to_its_successor(
    bucket, put, s3, number, tmp_path
):
    put(content(11), ago=10)
    calls, lock = [], threading.Lock()

    def replace(**_):
        with lock:
            calls.append(1)
            if len(calls) == number:
                put(b"the newer one")
                s3.delete_object(Bucket=SNAPSHOTS_BUCKET, Key=keys(s3)[0])

    with each_time(s3, "before-call.s3.GetObject", replace):
        path = bucket.fetch("uid")
    if number == 3:  # the last of three parts may already be in transfer
        assert path.read_bytes() in (b"the newer one", content(11))
    else:
        assert path.read_bytes() == b"the newer one"
    assert files(tmp_path) == [path]


@pytest.mark.slow
def test_a_snapshot_deleted_during_its_read_counts_as_none(bucket, put, s3, tmp_path):
    put(content(11))

    def delete(**_):
        s3.delete_object(Bucket=SNAPSHOTS_BUCKET, Key=key)

    (key,) = keys(s3)
    with each_time(s3, "before-call.s3.GetObject", delete):
        assert bucket.fetch("uid") is None
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [({}, "no checksum"), ({f"crc32-of-{PART}": "00000000"}, "checksum is wrong")],
)
def test_a_snapshot_that_differs_from_its_checksum_is_refused(
    bucket, put, s3, refused, tmp_path, metadata, reason
):
    put(b"snapshot")
    s3.put_object(Bucket=SNAPSHOTS_BUCKET, Key=keys(s3)[0], Body=b"snapshoT", Metadata=metadata)
    assert bucket.fetch("uid") is None
    assert reason in refused[0]
    assert files(tmp_path) == []


def test_an_empty_snapshot_is_refused(bucket, put, s3, refused):
    put(b"snapshot")
    s3.put_object(Bucket=SNAPSHOTS_BUCKET, Key=keys(s3)[0], Body=b"")
    assert bucket.fetch("uid") is None
    assert refused == ["it is empty"]


def test_other_objects_are_ignored(bucket, put, s3):
    put(b"snapshot", ago=5)
    for key in ("snapshots/uid/zzz", "snapshots/uid/1790000000000-xyz/abc"):
        s3.put_object(Bucket=SNAPSHOTS_BUCKET, Key=key, Body=b"text")
    assert bucket.fetch("uid").read_bytes() == b"snapshot"


@pytest.mark.slow
def test_a_truncated_body_is_read_again(bucket, put, s3):
    put(content(11))
    broken = []

    def break_off(parsed, **_):
        if not broken:
            broken.append(parsed["Body"].close())
            parsed["Body"] = _Broken()

    with each_time(s3, "after-call.s3.GetObject", break_off):
        assert bucket.fetch("uid").read_bytes() == content(11)
    assert broken


class _Broken:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def read(self):
        raise IncompleteReadError(actual_bytes=1, expected_bytes=2)


@pytest.mark.slow
def test_a_fault_of_s3_leaves_no_file_behind(bucket, put, s3, tmp_path):
    put(content(11))
    calls = []

    def fail(http_response, parsed, **_):
        calls.append(1)
        if len(calls) == 2:
            error = {"Error": {"Code": "AccessDenied", "Message": "no"}}
            raise ClientError(error, "GetObject")

    with each_time(s3, "after-call.s3.GetObject", fail), pytest.raises(ClientError):
        bucket.fetch("uid")
    assert files(tmp_path) == []


@pytest.mark.parametrize("operation", ["CreateMultipartUpload", "UploadPart"])
def test_an_upload_that_fails_leaves_nothing(put, s3, operation):
    def fail(**_):
        raise ClientError({"Error": {"Code": "SlowDown", "Message": "no"}}, operation)

    with each_time(s3, f"before-call.s3.{operation}", fail), pytest.raises(ClientError):
        put(content(11))
    assert keys(s3) == []
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=SNAPSHOTS_BUCKET)


def test_incomplete_uploads_are_found_and_aborted(bucket, s3):
    place = {"Bucket": SNAPSHOTS_BUCKET, "Key": "snapshots/uid/1790000000000-0123"}
    begun = s3.create_multipart_upload(**place)["UploadId"]
    s3.upload_part(**place, UploadId=begun, PartNumber=1, Body=b"vectors")
    (upload,) = bucket.uploads()
    assert upload.uid == "uid"
    assert list(bucket.uploads("another")) == []
    bucket.abort([upload, upload])
    assert list(bucket.uploads()) == []
