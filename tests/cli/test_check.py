"""`semblance check`: storage and alarms in moto, its report, its cleaning up."""

import io
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from PIL import Image

from semblance_cli import stack
from semblance_cli.check import groups, refusals, report, running, storage, watching, ways_in
from semblance_cli.check.cleanup import LONGEST_RUN_SECONDS, PREFIX, Cleanup, is_leftover, new_name
from semblance_cli.check.collection import no_face
from semblance_cli.check.context import OUTPUTS, Context
from semblance_cli.check.endpoint import Answer, Endpoint, Key
from semblance_cli.check.findings import Check, Finding, Group, State, failed, ok
from semblance_cli.main import main
from tests.cli.conftest import INPUT, REGION, RESULTS

pytestmark = pytest.mark.slow  # most of them have a cloud of their own

SNAPSHOTS = "snapshots"


@pytest.fixture
def cloud(s3):
    """Key, table and buckets as the stack makes them, and one alarm with a topic."""
    kms, dynamodb = boto3.client("kms", REGION), boto3.client("dynamodb", REGION)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.enable_key_rotation(KeyId=key)
    dynamodb.create_table(
        TableName="faces",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
        DeletionProtectionEnabled=True,
    )
    expire(dynamodb, enabled=True)
    dynamodb.update_continuous_backups(
        TableName="faces",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=SNAPSHOTS, CreateBucketConfiguration=place)
    for bucket in (INPUT, RESULTS, SNAPSHOTS):
        encrypt(s3, bucket, key)
        s3.put_public_access_block(
            Bucket=bucket,
            PublicAccessBlockConfiguration=dict.fromkeys(storage._BLOCKS, True),
        )
        deny_http(s3, bucket)
    outputs = {
        "Auth": "iam", "KeyArn": key, "TableName": "faces", "InputBucket": INPUT,
        "ResultsBucket": RESULTS, "SnapshotsBucket": SNAPSHOTS,
    }  # fmt: skip
    return Context(
        account=stack.Account(region=REGION),
        stack="Faces",
        outputs=outputs,
        endpoint=Endpoint(URLLib3Session(), "http://127.0.0.1:9/", REGION),
        run=new_name(),
    )


def expire(dynamodb, *, enabled):
    dynamodb.update_time_to_live(
        TableName="faces",
        TimeToLiveSpecification={"Enabled": enabled, "AttributeName": "expires_at"},
    )


def encrypt(s3, bucket, key):
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] = key
    configuration = {"Rules": [rule]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=configuration)


def deny_http(s3, bucket):
    statement = {
        "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }  # fmt: skip
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def findings(context, group):
    found = running.findings(context, [group], lambda _: None)
    return {(each.check.id, each.verdict.of): each.verdict for each in found}


def test_sound_storage_is_found_sound(cloud):
    found = findings(cloud, storage.GROUP)
    assert {verdict.state for verdict in found.values()} == {State.OK}
    assert len(found) == 19


def key_id(cloud):
    """moto takes no ARN here."""
    return cloud.outputs["KeyArn"].rpartition("/")[2]


def delete_the_key(cloud):
    cloud.client("kms").schedule_key_deletion(KeyId=key_id(cloud))


def disable_the_key(cloud):
    cloud.client("kms").disable_key(KeyId=key_id(cloud))


def keep_expired_items(cloud):
    expire(cloud.client("dynamodb"), enabled=False)


def stop_backups(cloud):
    cloud.client("dynamodb").update_continuous_backups(
        TableName="faces",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )


def encrypt_with_another_key(cloud):
    encrypt(cloud.client("s3"), RESULTS, cloud.client("kms").create_key()["KeyMetadata"]["Arn"])


def keep_old_snapshots(cloud):
    cloud.client("s3").put_bucket_versioning(
        Bucket=SNAPSHOTS, VersioningConfiguration={"Status": "Enabled"}
    )


def open_one_way(cloud):
    blocks = dict.fromkeys(storage._BLOCKS, True) | {"BlockPublicPolicy": False}
    cloud.client("s3").put_public_access_block(Bucket=INPUT, PublicAccessBlockConfiguration=blocks)


@pytest.mark.parametrize(
    ("fault", "place", "state", "seen", "remedy"),
    [
        (delete_the_key, ("kms-key", ""), "failed", "PendingDeletion", "cancel-key-deletion"),
        (disable_the_key, ("kms-key", ""), "failed", "Disabled", "enable-key"),
        (keep_expired_items, ("ttl", ""), "failed", "DISABLED", "update-time-to-live"),
        (stop_backups, ("backups", ""), "warning", "DISABLED", "update-continuous-backups"),
        (
            encrypt_with_another_key, ("bucket-key", "ResultsBucket"), "failed", "another key",
            "KeyArn",
        ),
        (
            keep_old_snapshots, ("versions", "SnapshotsBucket"), "failed", "Enabled",
            "Status=Suspended",
        ),
        (
            open_one_way, ("public-access", "InputBucket"), "failed", "open: BlockPublicPolicy",
            "BlockPublicPolicy=true",
        ),
    ],
)  # fmt: skip
def test_a_fault_of_storage_has_a_line_and_a_remedy(cloud, fault, place, state, seen, remedy):
    fault(cloud)
    found = findings(cloud, storage.GROUP)
    assert found[place].state == state
    assert seen in found[place].seen
    assert remedy in found[place].remedy
    others = {each.state for where, each in found.items() if where != place}
    # A disabled key has no rotation to ask for.
    assert others <= {State.OK, State.UNKNOWN}


def test_a_table_that_is_gone_is_missing_and_ends_no_run(cloud):
    client = cloud.client("dynamodb")
    client.update_table(TableName="faces", DeletionProtectionEnabled=False)
    client.delete_table(TableName="faces")
    found = findings(cloud, storage.GROUP)
    for id_ in ("table", "ttl", "backups"):
        assert found[id_, ""].state == "failed"
        assert "not there" in found[id_, ""].seen
    assert found["tls", "InputBucket"].state == "ok"


def alarm(topics):
    boto3.client("cloudwatch", REGION).put_metric_alarm(
        AlarmName="Faces-AlarmsDeadLetters", AlarmActions=topics, EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold", MetricName="m", Namespace="n", Period=60,
        Statistic="Sum", Threshold=0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("topic", "subscribed", "state"),
    [(False, False, "warning"), (True, False, "failed"), (True, True, "ok")],
)
def test_alarms_need_somebody_who_hears_them(cloud, topic, subscribed, state):
    sns = boto3.client("sns", REGION)
    arn = sns.create_topic(Name="pager")["TopicArn"]
    if subscribed:
        sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="owner@example.com")
    alarm([arn] if topic else [])
    hearers = [each for each in watching.GROUP.checks if each.id == "alarm-topic"]
    assert findings(cloud, Group("G", tuple(hearers)))["alarm-topic", ""].state == state


class Gateway(ThreadingHTTPServer):
    """Gives every request the same answer: a status, a code, and the headers of AWS's refusals."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer(200, "")
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, status, code, *, named=True, request_id=True):
        self.status = status
        self.body = json.dumps({"__type": code, "message": "no"} if code else {}).encode()
        self.headers = {"x-amzn-ErrorType": code} if named and code else {}
        self.headers |= {"x-amzn-RequestId": "1"} if request_id else {}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_):
        pass


@pytest.fixture
def gateway():
    server = Gateway()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def called(gateway):
    """A function that runs one check on the gateway, as on one of this kind and auth."""

    def call(id_, *, kind="HTTP", auth="keys"):
        context = Context(
            account=stack.Account(region=REGION),
            stack="Faces",
            outputs={"Auth": auth, "ApiKind": kind},
            endpoint=Endpoint(URLLib3Session(), f"http://127.0.0.1:{gateway.server_port}/", REGION),
            run=new_name(),
            key=Key("AKIAIOSFODNN7EXAMPLE", "secret", "rekognition"),
        )
        checks = (*ways_in.GROUP.checks, *refusals.GROUP.checks)
        (check,) = (each for each in checks if each.id == id_)
        (verdict,) = findings(context, Group("G", (check,))).values()
        return verdict

    return call


def test_a_gateway_that_drops_the_header_is_recognised(gateway, called):
    gateway.answer(400, "MissingAuthenticationTokenException")
    for id_ in ("signed-call", "header"):
        assert called(id_).state == "failed"
        assert "drops the Authorization header" in called(id_).remedy


def test_a_gateway_that_lets_everybody_in_is_recognised(gateway, called):
    verdict = called("unsigned", kind="REST", auth="iam")
    assert (verdict.state, verdict.seen) == ("failed", "200: let in")
    assert "Anybody may call the API" in verdict.remedy


@pytest.mark.parametrize(
    ("kind", "status", "code", "state", "seen"),
    [
        ("REST", 400, "ValidationException", "ok", "400 ValidationException"),
        ("REST", 413, "", "failed", "413"),
        ("HTTP", 413, "", "ok", "413 of the HTTP API itself"),
        ("HTTP", 503, "ValidationException", "failed", "which SDKs retry"),
    ],
)
def test_a_large_call_must_be_refused_for_good(gateway, called, kind, status, code, state, seen):
    gateway.answer(status, code)
    verdict = called("too-large", kind=kind)
    assert verdict.state == state
    assert seen in verdict.seen


@pytest.mark.parametrize(
    ("form", "seen"),
    [
        ({"named": False}, "without AWS's form"),
        ({"request_id": False}, "without a request id"),
    ],
)
def test_a_refusal_must_have_the_form_of_aws(gateway, called, form, seen):
    gateway.answer(400, "UnknownOperationException", **form)
    verdict = called("wrong-target")
    assert verdict.state == "failed"
    assert seen in verdict.seen


def one(verdict, id_="some"):
    return Finding("Group", Check(id_, "Some part", lambda _: iter(())), verdict)


def test_a_line_names_remedy_and_expectation_only_when_something_is_wrong():
    assert report.lines(one(ok("fine", of="Api"))) == ["Some part, Api: fine"]
    wrong = report.lines(one(failed("broken", "whole", "mend " * 30)))
    assert wrong[0] == "Some part: broken"
    assert wrong[1] == "wanted: whole"
    assert wrong[2].startswith("remedy: mend")
    assert max(map(len, wrong)) <= 69


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("User: arn:aws:iam::123456789012:user/ann, may not", "User: IDENTITY, may not"),
        ("arn:aws:sts::123456789012:assumed-role/Admin/ann@example.com x", "IDENTITY x"),
        ("arn:aws:sqs:eu-west-1:123456789012:q", "arn:aws:sqs:eu-west-1:ACCOUNT:q"),
        ("key AKIAIOSFODNN7EXAMPLE", "key KEY"),
        (
            "https://8af88c06ab.execute-api.eu-west-1.amazonaws.com/v1",
            "https://HOST/v1",
        ),
    ],
)
def test_the_json_masks_account_callers_keys_and_hosts(text, masked):
    (member,) = report.as_json([one(failed(text, "", ""))], {})["Findings"]
    assert member["Seen"] == masked


def test_a_permission_that_aws_names_is_the_remedy(cloud):
    def ask(_):
        raise ClientError(
            {
                "Error": {
                    "Code": "AccessDeniedException",
                    "Message": "User: x is not authorized to perform: kms:DescribeKey on y",
                }
            },
            "DescribeKey",
        )
        yield

    group = Group("G", (Check("c", "C", ask, ("a:b",)),))
    verdict = findings(cloud, group)["c", ""]
    assert verdict.state == "not known"
    assert verdict.remedy == "Ask for the permission kms:DescribeKey."


def test_cleaning_up_goes_on_after_a_failure_and_tells_of_it():
    done = []

    def refuse():
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DeleteQueue")

    cleanup = Cleanup()
    cleanup.add("the first", lambda: done.append("first"))
    cleanup.add("the queue", refuse)
    cleanup.add("the last", lambda: done.append("last"))
    (left,) = cleanup.run()
    assert left.startswith("the queue (")
    assert done == ["last", "first"]
    assert cleanup.run() == []


def test_only_names_of_runs_that_must_be_over_are_leftovers():
    old = f"{PREFIX}{int(time.time()) - LONGEST_RUN_SECONDS - 1}-0123abcd"
    assert is_leftover(old)
    assert is_leftover(f"search/{old}/photo")
    assert not is_leftover(new_name())
    assert not is_leftover("semblance-check-of-mine")


@pytest.mark.parametrize(
    ("answer", "retried"),
    [
        (Answer("X", 400, code="ValidationException"), False),
        (Answer("X", 400, code="ThrottlingException"), True),
        (Answer("X", 503), True),
        (Answer("X", 413), False),
    ],
)
def test_retried_answers_are_those_that_sdks_retry(answer, retried):
    assert answer.retried is retried


def test_the_drawn_picture_is_a_picture():
    with Image.open(io.BytesIO(no_face())) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("PNG", (320, 320))


def test_ids_are_used_once():
    ids = [check.id for group in (*groups.GROUPS, groups.CLEANUP) for check in group.checks]
    assert len(ids) == len(set(ids))


def test_a_photo_that_cannot_be_read_ends_the_command(api, s3, capsys, tmp_path):
    api.outputs = dict.fromkeys(OUTPUTS, "x")
    assert main(["check", "--stack", "Faces", "--photo", str(tmp_path / "none.jpg")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_stack_of_another_version_is_named(api, s3, capsys):
    api.outputs = {"ApiUrl": api.url}
    assert main(["check", "--stack", "Faces"]) == 2
    assert "has no output ApiFunction" in capsys.readouterr().err
