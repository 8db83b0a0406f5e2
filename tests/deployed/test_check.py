"""`semblance check` on deployments: sound ones, and one with faults that it must find."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

import boto3
import pytest

from semblance.client import sign_for_api_gateway
from semblance_cli.check.cleanup import LONGEST_RUN_SECONDS, PREFIX
from semblance_cli.key_store import KeyStore, Rights
from tests.pages import Page
from tools.checkout import CHECKOUT, PHOTOS
from tools.local.emulator import ACCOUNT, REGION, ROOT, without_clouds

# Each run waits for things that never come.
pytestmark = pytest.mark.timeout(600)


def environment(deployment, credentials=ROOT):
    """Of an operator, who has AWS credentials even where the API takes Semblance's keys."""
    return without_clouds(os.environ) | deployment.environment() | dict(credentials)


def command(*arguments):
    return [sys.executable, "-m", "semblance_cli", "check", *arguments]


def run(deployment, *arguments, status=0, credentials=ROOT):
    """The report of a run, as printed with --json."""
    done = subprocess.run(
        command("--json", *arguments),
        cwd=CHECKOUT,
        env=environment(deployment, credentials),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout)


def by_id(report):
    return {(each["Id"], each["Of"]): each for each in report["Findings"]}


def in_state(report, *states):
    return {(each["Id"], each["Of"]) for each in report["Findings"] if each["State"] in states}


def traces(deployment):
    """Everything in the cloud whose name a run has made."""
    rekognition = deployment.client("rekognition")
    if deployment.outputs["Auth"] == "iam":
        sign_for_api_gateway(rekognition)
    found = list(rekognition.list_collections()["CollectionIds"])
    for bucket in (deployment.input_bucket, deployment.results_bucket):
        pages = deployment.client("s3").get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=bucket):
            for kind in ("Versions", "DeleteMarkers"):
                found += [version["Key"] for version in page.get(kind, ())]
    found += [rule["Name"] for rule in deployment.client("events").list_rules()["Rules"]]
    found += deployment.client("sqs").list_queues().get("QueueUrls", [])
    if deployment.outputs["Auth"] == "keys":
        found += [key.name for key in store(deployment).all()]
    return [name for name in found if PREFIX in name]


def store(deployment):
    root = {name.lower(): value for name, value in ROOT.items()}
    session = boto3.Session(**root, region_name=REGION)
    dynamodb = session.resource(
        "dynamodb",
        endpoint_url=deployment.emulator.url,
        verify=str(deployment.emulator.certificate.bundle),
    )
    return KeyStore.of(dynamodb, deployment.client("kms"), deployment.outputs)


@pytest.fixture(scope="module")
def sound(deployment):
    """The report on a sound deployment with auth=iam, with a photo of a face."""
    return run(deployment, "--photo", str(PHOTOS / "obama.jpg"), "--wait", "30")


NOT_IN_A_LOCAL_CLOUD = {
    ("table-key", ""), ("ttl", ""), ("backups", ""), ("bucket-key", "InputBucket"),
    ("bucket-key", "ResultsBucket"), ("bucket-key", "SnapshotsBucket"), ("too-large", ""),
    ("access-log", ""), ("preflight", ""), ("cold-starts", "Api"), ("cold-starts", "Worker"),
    ("cold-starts", "Compactor"),
}  # fmt: skip
"""What a local cloud cannot show, and what this deployment has not been asked for."""


def test_all_is_well_with_a_sound_deployment(sound):
    assert in_state(sound, "failed", "not known") == set()
    assert in_state(sound, "warning") == {("alarm-topic", "")}
    skipped = in_state(sound, "skipped")
    assert skipped - NOT_IN_A_LOCAL_CLOUD <= {
        ("wrong-secret", ""), ("without-right", ""), ("header", ""),
        ("loads", "Api"), ("loads", "Worker"),
    }  # fmt: skip
    assert all(each["Seen"] for each in sound["Findings"])


def test_a_face_is_indexed_found_and_forgotten(sound):
    found = by_id(sound)
    assert "similarity 100.0" in found["face", "search"]["Seen"]
    assert "no match any more" in found["face", "delete"]["Seen"]
    assert found["dropped", "result"]["Seen"].startswith("FacesSearched")
    assert found["dropped", "event"]["Seen"].startswith("FacesSearched")


def test_the_report_names_neither_account_nor_host(sound, deployment):
    text = json.dumps(sound)
    assert ACCOUNT not in text
    assert deployment.outputs["ApiId"] not in text


def test_nothing_is_left_behind(sound, deployment):
    assert traces(deployment) == []


@pytest.fixture(scope="module")
def sound_with_keys(with_keys):
    return run(with_keys, "--stack", "WithKeys", "--wait", "30")


def test_all_is_well_with_access_keys(sound_with_keys, with_keys):
    assert in_state(sound_with_keys, "failed", "not known") == set()
    found = by_id(sound_with_keys)
    for refusal, code in {
        "unsigned": "MissingAuthenticationTokenException",
        "wrong-secret": "InvalidSignatureException",
        "unknown-key": "UnrecognizedClientException",
        "wrong-target": "UnknownOperationException",
    }.items():
        assert found[refusal, ""]["State"] == "ok"
        assert code in found[refusal, ""]["Seen"]
    for of in ("operation", "collection"):
        assert "AccessDeniedException" in found["without-right", of]["Seen"]
    assert "the function has read the signature" in found["header", ""]["Seen"]
    assert traces(with_keys) == []


def test_without_a_photo_it_says_what_is_not_proven(sound_with_keys):
    found = by_id(sound_with_keys)
    assert found["face", ""]["State"] == "skipped"
    assert "--photo" in found["face", ""]["Seen"]
    assert found["no-face", ""]["State"] == "ok"
    assert found["dropped", "result"]["Seen"].startswith("ImageRejected")


def test_the_lines_fit_in_eighty_columns(with_keys):
    done = subprocess.run(
        command("--stack", "WithKeys"),
        cwd=CHECKOUT,
        env=environment(with_keys) | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "Refusals" in lines
    assert any(line.startswith("ok         A signed call is answered: 200 after") for line in lines)
    assert "Nothing failed." in done.stderr


@pytest.fixture(scope="module")
def broken(deployment, sound):
    """The report on the deployment with all faults of FAULTS at once, which are mended by now."""
    with ExitStack() as mending:
        for fault in FAULTS.values():
            mending.callback(fault(deployment))
        return run(deployment, "--wait", "2", status=1)


def stop_the_event_source(deployment):
    client = deployment.client("lambda")
    (mapping,) = client.list_event_source_mappings(
        FunctionName=deployment.outputs["WorkerFunction"]
    )["EventSourceMappings"]
    client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    return lambda: client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def replace_the_notifications(deployment):
    s3, bucket = deployment.client("s3"), deployment.input_bucket
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    old = {"QueueConfigurations": found["QueueConfigurations"]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    return lambda: s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration=old
    )


def stop_the_schedule(deployment):
    events = deployment.client("events")
    (name,) = (
        each["Name"]
        for each in events.list_rules(NamePrefix="Semblance-Schedule")["Rules"]
        if "ScheduleExpression" in each
    )
    events.disable_rule(Name=name)
    return lambda: events.enable_rule(Name=name)


def alarm_names(deployment):
    found = deployment.client("cloudwatch").describe_alarms(AlarmNamePrefix="Semblance-Alarms")
    return [alarm["AlarmName"] for alarm in found["MetricAlarms"]]


def silence_an_alarm(deployment):
    names = [next(name for name in alarm_names(deployment) if "QueueAge" in name)]
    client = deployment.client("cloudwatch")
    client.disable_alarm_actions(AlarmNames=names)
    return lambda: client.enable_alarm_actions(AlarmNames=names)


def raise_an_alarm(deployment):
    name = next(name for name in alarm_names(deployment) if "ErrorRate" in name)
    client = deployment.client("cloudwatch")
    client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    return lambda: client.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="test")


def unprotect_the_table(deployment):
    client, name = deployment.client("dynamodb"), deployment.outputs["TableName"]
    client.update_table(TableName=name, DeletionProtectionEnabled=False)
    return lambda: client.update_table(TableName=name, DeletionProtectionEnabled=True)


def open_a_bucket(deployment):
    s3, bucket = deployment.client("s3"), deployment.results_bucket
    old = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    s3.delete_public_access_block(Bucket=bucket)
    return lambda: s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=old)


def drop_a_policy(deployment):
    s3, bucket = deployment.client("s3"), deployment.outputs["SnapshotsBucket"]
    old = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    return lambda: s3.put_bucket_policy(Bucket=bucket, Policy=old)


def suspend_versions(deployment):
    s3, bucket = deployment.client("s3"), deployment.input_bucket

    def switch(status):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})

    switch("Suspended")
    return lambda: switch("Enabled")


def stop_the_rotation(deployment):
    kms, key = deployment.client("kms"), deployment.outputs["KeyArn"]
    kms.disable_key_rotation(KeyId=key)
    return lambda: kms.enable_key_rotation(KeyId=key)


def reserve_the_concurrency(deployment):
    client, name = deployment.client("lambda"), deployment.outputs["CompactorFunction"]
    most = client.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=most - 5)
    return lambda: client.delete_function_concurrency(FunctionName=name)


def leave_a_dead_letter(deployment):
    sqs, url = deployment.client("sqs"), deployment.outputs["DeadLetterQueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    return lambda: sqs.purge_queue(QueueUrl=url)


def delete_the_audit_stream(deployment):
    logs, group = deployment.client("logs"), deployment.outputs["AuditLogGroup"]
    logs.delete_log_stream(logGroupName=group, logStreamName="Semblance-api")
    return lambda: logs.create_log_stream(logGroupName=group, logStreamName="Semblance-api")


def role_of(deployment, function):
    found = deployment.client("lambda").get_function_configuration(
        FunctionName=deployment.outputs[function]
    )
    return found["Role"].rpartition("/")[2]


def grant_too_much(deployment):
    iam, role = deployment.client("iam"), role_of(deployment, "ApiFunction")
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_role_policy(RoleName=role, PolicyName="Extra", PolicyDocument=json.dumps(policy))
    return lambda: iam.delete_role_policy(RoleName=role, PolicyName="Extra")


def take_grants_away(deployment):
    iam, role = deployment.client("iam"), role_of(deployment, "CompactorFunction")
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    old = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName=name)
    return lambda: iam.put_role_policy(
        RoleName=role, PolicyName=name, PolicyDocument=json.dumps(old)
    )


def forget_the_log_role(deployment):
    client = deployment.client("apigateway")
    old = client.get_account()["cloudwatchRoleArn"]

    def name(value):
        operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": value}
        client.update_account(patchOperations=[operation])

    name("")
    return lambda: name(old)


FAULTS = {
    "event-source": stop_the_event_source,
    "notifications": replace_the_notifications,
    "schedule": stop_the_schedule,
    "actions": silence_an_alarm,
    "alarm": raise_an_alarm,
    "deletion-protection": unprotect_the_table,
    "public": open_a_bucket,
    "tls": drop_a_policy,
    "versions": suspend_versions,
    "rotation": stop_the_rotation,
    "concurrency": reserve_the_concurrency,
    "dead-letter": leave_a_dead_letter,
    "audit": delete_the_audit_stream,
    "too-many-grants": grant_too_much,
    "too-few-grants": take_grants_away,
    "log-role": forget_the_log_role,
}

FOUND = [
    ("event-source", "", "Disabled", "update-event-source-mapping --enabled"),
    ("notifications", "", "none for search/, index/", "put-bucket-notification"),
    ("schedule", "", "DISABLED", "enable-rule"),
    ("alarms", "actions", "QueueAge", "enable-alarm-actions"),
    ("alarms", "state", "ErrorRate", "operating.md"),
    ("table", "deletion protection", "off", "update-table --deletion-protection-enabled"),
    ("public-access", "ResultsBucket", "BlockPublicAcls", "put-public-access-block"),
    ("tls", "SnapshotsBucket", "", "policy"),
    ("versions", "InputBucket", "Suspended", "put-bucket-versioning"),
    ("key-rotation", "", "off", "enable-key-rotation"),
    ("concurrency", "", "5 unreserved", "L-B99A9384"),
    ("dead-letters", "", "1 waiting", "dead-letters list"),
    ("audit", "", "no line", "create-log-stream"),
    ("role", "Api", "may s3:DeleteObject on", "drift"),
    ("role", "Compactor", "may not dynamodb:GetItem on", "undo"),
    ("log-role", "", "none", "update-account"),
    ("dropped", "result", "none after", "dead-letter"),
    ("compactor", "", "", "log"),
]


@pytest.mark.parametrize(("id_", "of", "seen", "remedy"), FOUND)
def test_a_fault_is_found_and_a_remedy_named(broken, id_, of, seen, remedy):
    finding = by_id(broken)[id_, of]
    assert finding["State"] in ("failed", "warning")
    assert seen in finding["Seen"]
    assert finding["Wanted"]
    assert remedy in finding["Remedy"]


def test_sound_parts_beside_faults_are_not_blamed(broken):
    """The other two buckets' policies, the worker's role: each fault has its own line alone."""
    expected = {(id_, of) for id_, of, _, _ in FOUND}
    assert in_state(broken, "failed") <= expected


def test_a_function_without_concurrency_is_named(deployment, sound):
    client, name = deployment.client("lambda"), deployment.outputs["ApiFunction"]
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        found = by_id(run(deployment, "--wait", "30", status=1))
    finally:
        client.delete_function_concurrency(FunctionName=name)
    assert found["function-throttled", "Api"]["State"] == "failed"
    assert "delete-function-concurrency" in found["function-throttled", "Api"]["Remedy"]
    assert found["signed-call", ""]["State"] == "failed"
    # The other way in has another function.
    assert found["dropped", "result"]["State"] == "ok"


def test_a_method_that_is_gone_is_named(deployment, sound):
    client, api = deployment.client("apigateway"), deployment.outputs["ApiId"]
    resources = client.get_resources(restApiId=api)["items"]
    (root,) = (each["id"] for each in resources if each["path"] == "/")
    place = {"restApiId": api, "resourceId": root, "httpMethod": "POST"}
    method = client.get_method(**place)
    client.delete_method(**place)
    try:
        found = by_id(run(deployment, "--wait", "2", status=1))
    finally:
        client.put_method(**place, authorizationType=method["authorizationType"])
        integration = method["methodIntegration"]
        client.put_integration(
            **place,
            type=integration["type"],
            uri=integration["uri"],
            integrationHttpMethod=integration["httpMethod"],
        )
    assert "UnknownOperationException" in found["signed-call", ""]["Seen"]
    assert "route" in found["signed-call", ""]["Remedy"]
    assert found["wrong-target", ""]["State"] == "skipped"


def test_an_endpoint_where_nothing_listens_is_named(deployment, sound):
    report = run(deployment, "--wait", "2", "--api-url", "https://127.0.0.1:9/v1", status=1)
    found = by_id(report)["signed-call", ""]
    assert found["State"] == "failed"
    assert "no answer" in found["Seen"]
    assert "ApiUrl" in found["Remedy"]


def test_a_wrong_region_ends_the_command(deployment):
    done = subprocess.run(
        command("--region", "eu-west-3"),
        cwd=CHECKOUT,
        env=environment(deployment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "There is no stack Semblance in eu-west-3" in done.stderr


@pytest.fixture
def reader(deployment):
    """Credentials of somebody who may read the stack's outputs, and nothing else."""
    statement = {"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    with user(deployment, "reader-of-outputs", json.dumps(policy)) as credentials:
        yield credentials


@contextmanager
def user(deployment, name, policy):
    iam = deployment.client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    yield {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="own")
    iam.delete_user(UserName=name)


def test_missing_permissions_are_named_and_end_no_run(deployment, reader):
    report = run(deployment, "--wait", "2", credentials=reader)
    found = by_id(report)
    assert "execute-api:Invoke" in found["signed-call", ""]["Remedy"]
    for id_, action in {
        "function-state": "lambda:GetFunctionConfiguration",
        "kms-key": "kms:DescribeKey",
        "public-access": "s3:GetBucketPublicAccessBlock",
        "alarms": "cloudwatch:DescribeAlarms",
        "role": "lambda:GetFunctionConfiguration",
    }.items():
        assert found[id_, ""]["State"] == "not known"
        assert action in found[id_, ""]["Remedy"]


EMULATORS_OWN = {
    "Effect": "Allow",
    "Action": ["events:PutTargets", "events:RemoveTargets", "lambda:PutFunctionConcurrency"],
    "Resource": "*",
}
"""The emulator does not see which rule targets belong to, and takes GetFunctionConcurrency for its
counterpart."""


@pytest.fixture
def operator(with_keys):
    """Credentials of somebody who has the policy of docs/checking.md, and nothing else."""
    page = Page(CHECKOUT / "docs/checking.md", (CHECKOUT / "docs/checking.md").read_text())
    (policy,) = page.blocks("json")
    outputs = with_keys.outputs
    for capitals, name in {
        "ACCOUNT": ACCOUNT,
        "API_ID": outputs["ApiId"],
        "COMPACTOR_FUNCTION": outputs["CompactorFunction"],
        "INPUT_BUCKET": outputs["InputBucket"],
        "KEY_ARN": outputs["KeyArn"],
        "REGION": REGION,
        "RESULTS_BUCKET": outputs["ResultsBucket"],
        # AWS names groups after the stack; the emulator puts a prefix of its own before it.
        "STACK-": "/aws/cloudformation/WithKeys/",
        "TABLE_NAME": outputs["TableName"],
    }.items():
        assert capitals in policy
        policy = policy.replace(capitals, name)
    granted = json.loads(policy)
    granted["Statement"].append(EMULATORS_OWN)
    with user(with_keys, "operator", json.dumps(granted)) as credentials:
        yield credentials


def test_the_documented_permissions_are_enough(with_keys, operator):
    report = run(with_keys, "--stack", "WithKeys", "--wait", "30", credentials=operator)
    assert in_state(report, "failed", "not known") == set()
    assert traces(with_keys) == []


def test_a_run_that_is_interrupted_leaves_nothing(with_keys):
    process = subprocess.Popen(
        command("--stack", "WithKeys", "--wait", "60"),
        cwd=CHECKOUT,
        env=environment(with_keys),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while not any(f"search/{PREFIX}" in name for name in traces(with_keys)):
        assert time.monotonic() < deadline, "the run never dropped its photo"
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert traces(with_keys) == []


def test_leftovers_of_a_killed_run_are_removed(with_keys):
    old = f"{PREFIX}{int(time.time()) - 2 * LONGEST_RUN_SECONDS}-0123abcd"
    young = f"{PREFIX}{int(time.time())}-0123abcd"
    with_keys.client("rekognition").create_collection(CollectionId=old)
    with_keys.client("rekognition").create_collection(CollectionId=young)
    store(with_keys).create(old, Rights(("ListCollections",), (old,)))
    with_keys.client("sqs").create_queue(QueueName=old)
    with_keys.client("events").put_rule(Name=old, EventPattern='{"source": ["semblance"]}')
    with_keys.client("s3").put_object(
        Bucket=with_keys.results_bucket, Key=f"results/search/{old}/photo.json", Body=b"{}"
    )
    report = run(with_keys, "--stack", "WithKeys", "--wait", "30")
    seen = by_id(report)["leftovers", ""]["Seen"]
    for kind in ("collection", "access key", "rule", "queue"):
        assert f"{kind} {old}" in seen
    assert "1 objects of ResultsBucket" in seen
    assert traces(with_keys) == [young]
    with_keys.client("rekognition").delete_collection(CollectionId=young)
