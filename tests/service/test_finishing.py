"""The custom resource that CloudFormation creates last, which answers for every outcome."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from botocore.exceptions import ClientError

from functions import finishing
from functions.finishing import PATIENCE_SECONDS, Finisher
from semblance.contract import schema
from tests.world.account import INPUT_BUCKET, REGION, TABLE
from tests.world.inbox import context

QUEUE = f"arn:aws:sqs:{REGION}:123456789012:photos"
OLD_QUEUE = f"arn:aws:sqs:{REGION}:123456789012:queue-of-an-earlier-stack"


class CloudFormation:
    """Takes the answers of custom resources; `broken` refuses them all."""

    def __init__(self):
        self.answers, self.headers, self.broken = [], [], False
        cloud_formation = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                cloud_formation.headers.append(dict(self.headers))
                if not cloud_formation.broken:
                    cloud_formation.answers.append(json.loads(body))
                self.send_response(403 if cloud_formation.broken else 200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/answer?X-Amz-Signature=x"


@pytest.fixture
def cloud_formation():
    served = CloudFormation()
    thread = threading.Thread(target=served.server.serve_forever)
    thread.start()
    yield served
    served.server.shutdown()
    thread.join()
    served.server.server_close()


class Time:
    """A clock that runs while somebody waits."""

    def __init__(self):
        self.now = 0.0

    def wait(self, seconds):
        self.now += seconds


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def tables(table):
    return table.meta.client


@pytest.fixture
def ask(tables, s3, cloud_formation, time):
    """Sends a request as CloudFormation does, and returns the answer that it gets."""

    def ask(kind, *, old=None, **properties):
        event = {
            "RequestType": kind,
            "RequestId": "request-1",
            "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/Semblance/1",
            "LogicalResourceId": "Finishing",
            "ResponseURL": cloud_formation.url,
            "ResourceProperties": {"TableName": TABLE, "Protected": "true", **properties},
        }
        if old is not None:
            event["OldResourceProperties"] = {"TableName": TABLE, "Protected": "true", **old}
        finisher = Finisher(
            tables, s3, clock=lambda: time.now, pause=time.wait, patient_until=PATIENCE_SECONDS
        )
        finishing.respond(event, finisher, physical_id="finished-1")
        return cloud_formation.answers[-1]

    return ask


def is_protected(tables, name=TABLE):
    return tables.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled", False)


def test_the_table_is_protected_and_cloudformation_told_so(ask, tables, cloud_formation):
    assert not is_protected(tables)
    assert ask("Create") == {
        "Status": "SUCCESS",
        "PhysicalResourceId": "finished-1",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/Semblance/1",
        "RequestId": "request-1",
        "LogicalResourceId": "Finishing",
    }
    assert is_protected(tables)
    # S3 refuses a signed URL whose request has a content type that was not signed.
    assert "Content-Type" not in cloud_formation.headers[0]


def test_the_protection_outlives_the_stack(ask, tables):
    ask("Create")
    assert ask("Delete")["Status"] == "SUCCESS"
    assert is_protected(tables)


def test_removal_destroy_takes_the_protection_off(ask, tables):
    ask("Create")
    assert ask("Update", Protected="false", old={})["Status"] == "SUCCESS"
    assert not is_protected(tables)


def test_a_failure_is_answered_with_its_reason(ask):
    answer = ask("Create", TableName="elsewhere")
    assert (answer["Status"], answer["Reason"]) == (
        "FAILED",
        "Refused: there is no table elsewhere",
    )


def test_a_long_reason_is_cut(ask, tables, monkeypatch):
    def fail(**_):
        raise ValueError("x" * 10_000)

    monkeypatch.setattr(tables, "update_table", fail)
    answer = ask("Create")
    assert answer["Status"] == "FAILED"
    assert len(json.dumps(answer)) < 4096


def test_without_a_way_to_answer_a_new_table_is_left_as_deletable_as_it_was(
    ask, tables, cloud_formation
):
    """CloudFormation hears nothing, gives up and deletes the table."""
    cloud_formation.broken = True
    with pytest.raises(OSError, match="403"):
        ask("Create")
    assert not is_protected(tables)


@pytest.fixture
def refused_for(tables, time, monkeypatch):
    """Refuses UpdateTable for so many seconds, as IAM does while a new policy spreads."""

    def refuse(seconds, code):
        update = tables.update_table

        def late(**request):
            if time.now < seconds:
                raise ClientError({"Error": {"Code": code}}, "UpdateTable")
            return update(**request)

        monkeypatch.setattr(tables, "update_table", late)

    return refuse


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceInUseException"])
def test_a_refusal_that_passes_is_waited_for(code, ask, tables, refused_for):
    refused_for(PATIENCE_SECONDS - 10, code)
    assert ask("Create")["Status"] == "SUCCESS"
    assert is_protected(tables)


@pytest.mark.parametrize(
    ("code", "waited"), [("AccessDeniedException", PATIENCE_SECONDS), ("ValidationException", 0)]
)
def test_a_refusal_that_stays_is_answered_in_time(code, waited, ask, time, refused_for):
    refused_for(10_000, code)
    answer = ask("Create")
    assert answer["Status"] == "FAILED"
    assert code in answer["Reason"]
    assert waited <= time.now <= waited + 5


@pytest.fixture
def restored(tables, key_arn):
    """The name of a table as DynamoDB restores it: encrypted, and without all other settings."""
    keys = [(schema.PARTITION_KEY, "HASH"), (schema.SORT_KEY, "RANGE")]
    tables.create_table(
        TableName="restored",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key_arn},
    )
    return "restored"


@pytest.fixture
def adopted(key_arn):
    return {
        "KeySchema": [schema.PARTITION_KEY, schema.SORT_KEY],
        "KeyArn": key_arn,
        "ExpiresAt": schema.EXPIRES_AT,
        "BackupDays": "35",
    }


def settings(tables, name):
    expires = tables.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = tables.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]
    return {
        "expires": expires.get("AttributeName"),
        "backups": recovery["PointInTimeRecoveryStatus"],
        "protected": is_protected(tables, name),
    }


def test_a_restored_table_gets_the_settings_that_a_restore_loses(ask, tables, restored, adopted):
    nothing = {"expires": None, "backups": "DISABLED", "protected": False}
    assert settings(tables, restored) == nothing
    everything = {"expires": "expires_at", "backups": "ENABLED", "protected": True}
    for _ in range(2):
        assert ask("Create", TableName=restored, Adopted=adopted)["Status"] == "SUCCESS"
        assert settings(tables, restored) == everything


def test_backups_are_the_owners_choice(ask, tables, restored, adopted):
    ask("Create", TableName=restored, Adopted=adopted)
    ask("Update", TableName=restored, Adopted=adopted | {"BackupDays": "0"}, old={})
    assert settings(tables, restored)["backups"] == "DISABLED"


def test_a_table_under_another_key_is_refused(ask, tables, restored, adopted, key_arn):
    answer = ask("Create", TableName=restored, Adopted=adopted | {"KeyArn": f"{key_arn}x"})
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == (
        f"Refused: restored is encrypted with {key_arn}, and key_arn is {key_arn}x"
    )
    assert not is_protected(tables, restored)


def test_a_table_of_something_else_is_refused(ask, restored, adopted):
    other = adopted | {"KeySchema": ["id"]}
    answer = ask("Create", TableName=restored, Adopted=other)
    assert answer["Reason"] == "Refused: restored is no table of Semblance: its keys are pk, sk"


def test_a_table_that_expires_items_otherwise_is_refused(ask, tables, restored, adopted):
    tables.update_time_to_live(
        TableName=restored,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "gone_at"},
    )
    answer = ask("Create", TableName=restored, Adopted=adopted)
    assert answer["Reason"] == "Refused: restored expires items by gone_at"


@pytest.fixture
def notify():
    return {"Bucket": INPUT_BUCKET, "QueueArn": QUEUE, "Prefixes": ["search/", "index/"]}


def configuration(queue, prefix, **more):
    rule = {"Name": "prefix", "Value": prefix}
    return {
        "QueueArn": queue,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [rule]}},
        **more,
    }


def notified(s3):
    found = s3.get_bucket_notification_configuration(Bucket=INPUT_BUCKET)
    return {
        (each["Filter"]["Key"]["FilterRules"][0]["Value"], each["QueueArn"])
        for each in found.get("QueueConfigurations", [])
    }


OURS = {("search/", QUEUE), ("index/", QUEUE)}


def test_an_adopted_bucket_announces_photos_to_this_queue(ask, s3, notify):
    for _ in range(2):
        assert ask("Create", Notify=notify)["Status"] == "SUCCESS"
        assert notified(s3) == OURS


def test_an_earlier_stacks_notifications_are_replaced_and_others_kept(ask, s3, notify):
    """S3 allows one notification for a prefix, and the earlier stack's queue may be gone."""
    other = configuration(OLD_QUEUE, "reports/", Id="of-somebody-else")
    s3.put_bucket_notification_configuration(
        Bucket=INPUT_BUCKET,
        NotificationConfiguration={
            "QueueConfigurations": [
                configuration(OLD_QUEUE, "search/"),
                configuration(OLD_QUEUE, "index/"),
                other,
            ]
        },
    )
    ask("Create", Notify=notify)
    assert notified(s3) == OURS | {("reports/", OLD_QUEUE)}
    assert ask("Delete", Notify=notify)["Status"] == "SUCCESS"
    assert notified(s3) == {("reports/", OLD_QUEUE)}


def test_a_bucket_that_is_adopted_no_longer_falls_silent(ask, s3, notify):
    ask("Create", Notify=notify)
    ask("Update", old={"Notify": notify})
    assert notified(s3) == set()


def test_a_bucket_that_is_not_there_is_named(ask, notify):
    answer = ask("Create", Notify=notify | {"Bucket": "not-there"})
    assert answer["Status"] == "FAILED"
    assert "NoSuchBucket" in answer["Reason"]


def test_an_event_that_keeps_the_function_active_does_nothing():
    assert finishing.handler({"semblance": "keep-active"}, context(60_000)) == {}
