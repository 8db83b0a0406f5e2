"""import-folder and search-folder, from the command line to the buckets and back."""

import csv
import json
import os
import signal
import time
from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from semblance.access.access_key import new_id
from semblance.stores.images import MOST_BYTES
from semblance_cli.bulk import people, photo_files
from semblance_cli.bulk.mailbox import Mailbox
from semblance_cli.bulk.target import Target
from semblance_cli.problems import CommandError
from tests.cli.conftest import INPUT, RESULTS

pytestmark = pytest.mark.slow  # each of them has a cloud of its own

PEOPLE = {"ann.jpg": "face ann", "bob/1.jpg": "face bob", "bob/2.PNG": "face bob 2"}


def empty(s3, bucket):
    for each in s3.list_object_versions(Bucket=bucket).get("Versions", ()):
        s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_is_indexed_under_its_file_names(semblance, worker, api):
    semblance.write(PEOPLE)
    assert semblance("import-folder") == 0
    assert worker.keys() == [
        "index/staff/ann.jpg", "index/staff/bob:1.jpg", "index/staff/bob:2.PNG",
    ]  # fmt: skip
    assert "3  indexed, 4 faces" in semblance.out
    assert {face["ExternalImageId"] for face in api.faces["staff"]} == {"ann", "bob:1", "bob:2"}


def test_the_summary_names_the_outcome_of_each_photo(semblance, worker, tmp_path):
    semblance.write(
        {
            "ann.jpg": "face ann",
            "bad.jpg": "broken",
            "fog.jpg": "blurred",
            "hill.jpg": "landscape",
            "lost.jpg": "lost",
            "notes.txt": "-",
            ".x.jpg": "face x",
        }
    )
    (semblance.folder / "huge.jpg").write_bytes(bytes(MOST_BYTES + 1))
    output = tmp_path / "out.csv"
    assert semblance("import-folder", "--wait", "1", "--output", str(output)) == 1
    assert "Skipped, neither .jpg, .jpeg nor .png: .x.jpg, notes.txt" in semblance.err
    said = [line.strip() for line in semblance.out.splitlines()]
    assert said[:11] == [
        "staff: 6 photos",
        "1  indexed, 1 face",
        "1  no usable face", "LOW_SHARPNESS: fog.jpg",
        "1  no face", "hill.jpg",
        "1  rejected", "InvalidImageFormatException: Request has invalid image format: bad.jpg",
        "1  too large", "huge.jpg",
        "1  no result",
    ]  # fmt: skip
    assert said[11] == "lost.jpg"
    assert "semblance dead-letters list" in semblance.out
    assert {row["file"]: row["outcome"] for row in rows(output)} == {
        "ann.jpg": "indexed", "bad.jpg": "rejected", "fog.jpg": "no usable face",
        "hill.jpg": "no face", "lost.jpg": "no result", "huge.jpg": "too large",
    }  # fmt: skip


def test_a_second_run_sends_new_and_changed_photos(semblance, worker):
    semblance.write(PEOPLE | {"bad.jpg": "broken", "fog.jpg": "blurred"})
    assert semblance("import-folder") == 1
    worker.seen.clear()
    semblance.write({"ann.jpg": "face Ann", "new.jpg": "face new"})
    assert semblance("import-folder") == 1
    assert worker.keys() == ["index/staff/ann.jpg", "index/staff/new.jpg"]
    assert "2  indexed before, not sent again" in semblance.out
    assert "1  rejected" in semblance.out


def test_an_indexed_photo_is_not_sent_again_when_the_buckets_have_expired(semblance, worker, s3):
    semblance.write(PEOPLE)
    assert semblance("import-folder") == 0
    empty(s3, INPUT)
    empty(s3, RESULTS)
    worker.seen.clear()
    assert semblance("import-folder") == 0
    assert worker.seen == []
    assert "3  indexed before" in semblance.out


@pytest.mark.parametrize("cause", ["faces deleted", "collection made anew"])
def test_a_photo_no_longer_in_the_collection_is_sent_again(semblance, worker, api, cause):
    semblance.write(PEOPLE | {"bad.jpg": "broken"})
    semblance("import-folder")
    worker.seen.clear()
    if cause == "faces deleted":
        api.faces["staff"].clear()
    else:
        api.create("staff", age=timedelta(seconds=-5))
    semblance("import-folder")
    again = 3 if cause == "faces deleted" else 4
    assert len(worker.seen) == again
    assert "3  indexed, 4 faces" in semblance.out


def test_other_options_make_a_photo_worth_sending_again(semblance, worker, s3):
    semblance.write({"fog.jpg": "blurred"})
    semblance("import-folder")
    semblance("import-folder", "--quality-filter", "NONE", "--max-faces", "1")
    assert len(worker.seen) == 2
    sent = s3.head_object(Bucket=INPUT, Key="index/staff/fog.jpg")["Metadata"]
    assert (sent["quality-filter"], sent["max-faces"]) == ("NONE", "1")


def test_a_result_of_an_earlier_version_is_not_taken_for_the_answer(semblance, worker):
    semblance.write({"ann.jpg": "broken"})
    assert semblance("import-folder") == 1
    semblance.write({"ann.jpg": "lost"})
    assert semblance("import-folder", "--wait", "1") == 1
    assert "1  no result" in semblance.out
    assert "rejected" not in semblance.out


@pytest.fixture
def unversioned(s3):
    """Comes before `worker`, which reads the bucket all the time."""
    s3.delete_bucket(Bucket=INPUT)
    s3.create_bucket(Bucket=INPUT, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


def test_without_versions_a_result_from_before_is_not_taken_for_the_answer(
    semblance, unversioned, worker
):
    semblance.write({"ann.jpg": "broken"})
    assert semblance("import-folder") == 1
    semblance.write({"ann.jpg": "lost 1"})
    assert semblance("import-folder", "--wait", "1") == 1
    assert "1  no result" in semblance.out
    semblance.write({"ann.jpg": "face ann"})
    assert semblance("import-folder") == 0


def test_a_photo_without_a_result_is_awaited_and_not_sent_again(semblance, worker, api):
    semblance.write({"ann.jpg": "face ann", "bob.jpg": "face bob"})
    worker.idle.set()
    assert semblance("import-folder", "--wait", "0.5") == 1
    assert "2  no result" in semblance.out
    api.on_listed = worker.idle.clear  # answered once the command has seen that nothing is indexed
    assert semblance("import-folder", "--wait", "20") == 0
    assert "2  indexed, 2 faces" in semblance.out
    assert len(worker.seen) == 2


@pytest.mark.alone
def test_no_result_is_awaited_with_wait_0(semblance, worker):
    semblance.write({"ann.jpg": "lost"})
    started = time.monotonic()
    assert semblance("import-folder", "--wait", "0") == 0
    assert time.monotonic() - started < 5
    assert "1  sent; the same command without --wait 0" in semblance.out


def test_a_rename_leaves_the_old_faces_and_is_reported(semblance, worker):
    semblance.write({"ann.jpg": "face ann"})
    semblance("import-folder")
    (semblance.folder / "ann.jpg").rename(semblance.folder / "anne.jpg")
    assert semblance("import-folder") == 0
    assert "anne.jpg (was ann)" in semblance.err


def test_users_are_recommended_for_people_with_several_photos(semblance, worker):
    semblance.write(PEOPLE | {"eve.jpg": "face eve", "eve2.jpg": "face eve 2"})
    assert semblance("import-folder") == 0
    (advice,) = [line for line in semblance.err.splitlines() if "AssociateFaces" in line]
    assert advice.startswith("bob, eve: several photos each. Make a user of each person")


def test_users_are_not_recommended_for_single_photos_or_unusable_ones(semblance, worker):
    semblance.write({"ann.jpg": "face ann", "bob/1.jpg": "face bob", "bob/2.jpg": "blurred"})
    assert semblance("import-folder") == 1
    assert "AssociateFaces" not in semblance.err


def test_users_are_recommended_until_all_faces_belong_to_one(semblance, worker, api):
    semblance.write(PEOPLE)
    semblance("import-folder")
    for face in api.faces["staff"]:
        face["UserId"] = face["ExternalImageId"].partition(":")[0]
    assert semblance("import-folder") == 0
    assert "AssociateFaces" not in semblance.err
    semblance.write({"bob/3.jpg": "face bob 3"})
    assert semblance("import-folder") == 0
    assert "bob: several photos each" in semblance.err


@pytest.mark.parametrize(
    ("ids", "several"),
    [
        (["bob:1", "bob:2", "ann"], ["bob"]),
        (["staff:bob:1", "staff:bob:x", "staff:ann:1"], ["staff:bob"]),
        (["ann", "ann2", "eve-1", "eve_02", "joe.3"], ["ann", "eve"]),
        (["ann", "ann"], ["ann"]),
        (["IMG_0001", "IMG_0002", "20240101", "20240102", "7", "8"], []),
    ],
)
def test_people_with_several_photos_are_told_by_their_names(ids, several):
    assert people.with_several_photos(ids) == several


def test_an_interrupted_run_goes_on_from_where_it_was(semblance, worker):
    semblance.write({f"{number}.jpg": f"face p{number}" for number in range(40)})

    def interrupt():
        if len(worker.seen) == 5:
            os.kill(os.getpid(), signal.SIGINT)

    worker.on_photo = interrupt
    assert semblance("import-folder", "--parallel", "1") == 130
    assert "The same command goes on from here." in semblance.err
    assert semblance("import-folder") == 0
    assert len(worker.keys()) == len(set(worker.keys())) == 40


def test_a_dry_run_sends_nothing(semblance, worker, api):
    semblance.write(PEOPLE)
    semblance("import-folder")
    worker.seen.clear()
    semblance.write({"eve.jpg": "face eve"})
    assert semblance("import-folder", "--dry-run") == 0
    assert "Would send 1 photo, " in semblance.out
    assert "eve.jpg -> index/staff/eve.jpg" in semblance.out
    assert "3 photos in the collection already" in semblance.out
    assert semblance("import-folder", "--dry-run", "--create", collection="new") == 0
    assert "new" not in api.collections
    assert worker.seen == []


def test_names_that_are_no_external_image_id_are_refused_before_anything_is_sent(semblance, worker):
    semblance.write({"ann lee (2).jpg": "face ann", "zoë.jpg": "face zoe", "bob.jpg": "face bob"})
    assert semblance("import-folder") == 2
    assert "ann lee (2).jpg: not allowed in an ExternalImageId: space ( )" in semblance.err
    assert "zoë.jpg" in semblance.err
    assert worker.seen == []
    assert semblance("import-folder", "--fix-names") == 0
    assert worker.keys() == [f"index/staff/{name}.jpg" for name in ("ann_lee__2_", "bob", "zoe")]


def test_two_files_of_one_name_are_refused(semblance, worker):
    semblance.write({"bob/1.jpg": "face bob", "bob:1.jpg": "face bob"})
    assert semblance("import-folder") == 2
    assert "another file would be called bob:1.jpg too" in semblance.err
    assert worker.seen == []


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("a/b/c.jpg", "a:b:c.jpg"),
        ("Jürgen Müller.jpg", "Jurgen_Muller.jpg"),
        ("王.png", "u738b.png"),
        ("a&b.jpeg", "a_b.jpeg"),
    ],
)
def test_fixed_names_are_legible_and_allowed(file, name):
    assert photo_files.fixed(file) == name


def test_a_name_too_long_for_a_key_is_refused(semblance, worker):
    deep = "/".join(["x" * 204] * 5)
    semblance.write({f"{deep}/1.jpg": "face ann"})
    assert semblance("search-folder") == 2
    assert "1043 bytes" in semblance.err
    assert worker.seen == []


@pytest.fixture
def enrolled(semblance, worker):
    semblance.write({"ann.jpg": "face ann", "bob.jpg": "face bob"})
    assert semblance("import-folder") == 0
    for path in list(semblance.folder.iterdir()):
        path.unlink()
    worker.seen.clear()
    return semblance


def test_a_folder_is_searched_and_shown_as_a_table(enrolled, worker, s3, tmp_path):
    enrolled.write({"gate 7/ä.jpg": "face eve ann", "hill.jpg": "landscape", "x.jpg": "face eve"})
    output = tmp_path / "out.csv"
    options = ["--threshold", "92.5", "--max-faces", "3", "--output", str(output)]
    assert enrolled("search-folder", *options) == 0
    shown = [line.split() for line in enrolled.out.splitlines()]
    assert ["gate", "7/ä.jpg", "2", "ann", "99.50", "%"] in shown
    assert ["x.jpg", "1", "face,", "nobody", "known"] in shown
    assert ["1", "with", "somebody", "known"] in shown
    sent = s3.head_object(Bucket=INPUT, Key="search/staff/gate 7/ä.jpg")["Metadata"]
    assert sent["face-match-threshold"] == "92.5"
    assert sent["max-faces"] == "3"
    assert [
        (row["file"], row["outcome"], row["face"], row["name"], row["similarity"])
        for row in rows(output)
    ] == [
        ("gate 7/ä.jpg", "found", "1", "", ""),
        ("gate 7/ä.jpg", "found", "2", "ann", "99.5"),
        ("hill.jpg", "no face", "", "", ""),
        ("x.jpg", "nobody found", "1", "", ""),
    ]


def test_a_search_is_written_as_json(enrolled, tmp_path):
    enrolled.write({"1.jpg": "face bob", "bad.jpg": "broken"})
    output = tmp_path / "out.json"
    assert enrolled("search-folder", "--output", str(output)) == 1
    found, bad = json.loads(output.read_text())
    assert found["file"] == "1.jpg"
    assert found["outcome"] == "found"
    (match,) = found["result"]["Faces"][0]["FaceMatches"]
    assert match["Face"]["ExternalImageId"] == "bob"
    assert bad["outcome"] == "rejected"
    assert bad["reason"].startswith("InvalidImageFormatException")


def test_results_of_an_earlier_search_are_shown_until_resend(enrolled, worker, api):
    enrolled.write({"1.jpg": "face bob"})
    enrolled("search-folder")
    api.faces["staff"].clear()
    enrolled("search-folder")
    assert "1  with somebody known" in enrolled.out
    assert "1 result of an earlier run; --resend" in enrolled.out
    assert len(worker.seen) == 1
    enrolled("search-folder", "--resend")
    assert "1  with nobody known" in enrolled.out
    assert len(worker.seen) == 2


def test_a_missing_collection_is_created_with_create(semblance, worker, api):
    semblance.write({"ann.jpg": "face ann"})
    assert semblance("import-folder", collection="new") == 2
    assert "There is no collection new." in semblance.err
    assert "--create" in semblance.err
    assert semblance("import-folder", "--create", collection="new") == 0
    assert "Created the collection new." in semblance.err
    assert len(api.faces["new"]) == 1


def test_a_missing_or_empty_folder_is_refused(semblance, s3):
    assert semblance("import-folder") == 2
    assert "There is no .jpg, .jpeg or .png" in semblance.err
    semblance.folder = semblance.folder / "nowhere"
    assert semblance("import-folder") == 2
    assert "nowhere does not exist" in semblance.err


@pytest.mark.parametrize("prefix", ["SEMBLANCE", "AWS"])
def test_a_deployment_with_keys_of_its_own_is_called_with_one(
    semblance, worker, api, monkeypatch, prefix
):
    """`make up AUTH=keys` puts it into AWS's variables."""
    access_key_id = new_id()
    monkeypatch.setenv(f"{prefix}_ACCESS_KEY_ID", access_key_id)
    monkeypatch.setenv(f"{prefix}_SECRET_ACCESS_KEY", "its secret")
    api.signer = (access_key_id, "rekognition")
    semblance.write(PEOPLE)
    assert semblance("import-folder") == 0
    assert len(api.faces["staff"]) == 4


def test_missing_credentials_are_named(semblance, s3, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    semblance.write({"ann.jpg": "face ann"})
    assert semblance("import-folder") == 2
    assert "There are no AWS credentials" in semblance.err


def test_a_missing_bucket_is_named(semblance, s3):
    semblance.write({"ann.jpg": "face ann"})
    assert semblance("import-folder", "--results-bucket", "elsewhere") == 2
    assert "There is no bucket elsewhere" in semblance.err


def test_a_denied_bucket_is_named_with_the_permissions(s3):
    target = Target(INPUT, RESULTS, boto3.client("s3"), None)
    with Stubber(target.s3) as stub:
        stub.add_client_error("put_object", "AccessDenied", http_status_code=403)
        with pytest.raises(CommandError, match=r"bucket photos is denied .*s3:PutObject, kms:"):
            Mailbox(target, "index/staff/").send("index/staff/ann.jpg", b"", {})


def test_a_fault_of_s3_fails_the_photo_and_not_the_command(s3):
    target = Target(INPUT, RESULTS, boto3.client("s3"), None)
    with Stubber(target.s3) as stub:
        stub.add_client_error("put_object", "SlowDown", http_status_code=503)
        with pytest.raises(ClientError, match="SlowDown"):
            Mailbox(target, "index/staff/").send("index/staff/ann.jpg", b"", {})


def test_calls_that_the_gateway_throttles_are_tried_again(semblance, worker, api):
    semblance.write({"ann.jpg": "face ann"})
    api.throttled = 2
    assert semblance("import-folder") == 0
    assert api.throttled == 0


@pytest.fixture
def no_environment(s3, monkeypatch):
    for name in (
        "SEMBLANCE_INPUT_BUCKET", "SEMBLANCE_RESULTS_BUCKET", "AWS_ENDPOINT_URL_REKOGNITION",
    ):  # fmt: skip
        monkeypatch.delenv(name)


def test_without_a_stack_it_says_how_to_name_one(semblance, no_environment):
    semblance.write({"ann.jpg": "face ann"})
    assert semblance("import-folder") == 2
    assert "There is no stack Semblance in eu-west-1" in semblance.err
    assert "or give --input-bucket" in semblance.err


def test_the_outputs_of_the_stack_say_where_to_send(semblance, worker, api, no_environment):
    semblance.write({"ann.jpg": "face ann"})
    assert semblance("import-folder", "--stack", "Faces") == 2
    assert "no output ApiUrl, InputBucket, ResultsBucket" in semblance.err
    api.outputs = {"InputBucket": INPUT, "ResultsBucket": RESULTS, "ApiUrl": api.url}
    assert semblance("import-folder", "--stack", "Faces") == 0
    assert worker.keys() == ["index/staff/ann.jpg"]


@pytest.mark.parametrize(
    "wrong",
    [["--output", "x.txt"], ["--output", "/no/such/folder/x.csv"], ["--max-faces", "0"]],
)
def test_options_are_checked_before_anything_is_sent(semblance, s3, wrong):
    with pytest.raises(SystemExit) as stopped:
        semblance("import-folder", *wrong)
    assert stopped.value.code == 2
