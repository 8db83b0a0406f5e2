"""A deployment, a change of its choices, and the same deployment again."""

import json

import pytest

from tools.local.cloud import LocalCloud

STACK = "Chosen"


@pytest.fixture(scope="module")
def twice(deployment, tmp_path_factory):
    """The outputs after the second deployment, and the log of the CDK CLI of each."""
    file = tmp_path_factory.mktemp("checkout") / "semblance.toml"
    always = {"stack_name": STACK, "config": str(file)}
    log = deployment.emulator.directory / "cdk-deploy.log"
    logs = []
    file.write_text('log_retention_days = 7\nresults_retention_days = 7\ntags = ["team=doors"]\n')
    LocalCloud(deployment.emulator, choices=always | {"throttle_rate": "9"}).deploy()
    logs.append(log.read_text())
    file.write_text('log_retention_days = 14\nresults_retention_days = 7\ntags = ["team=doors"]\n')
    cloud = LocalCloud(deployment.emulator, choices=always)
    outputs = cloud.deploy().outputs
    logs.append(log.read_text())
    yield outputs, logs
    cloud.destroy()


def test_the_choices_of_the_file_reach_the_cloud_without_the_command_line(twice, deployment):
    outputs, _ = twice
    chosen = {name: each["value"] for name, each in json.loads(outputs["Choices"]).items()}
    assert chosen["log_retention_days"] == "14"
    assert chosen["results_retention_days"] == "7"
    assert "throttle_rate" not in chosen
    functions = deployment.client("lambda")
    found = functions.get_function_configuration(FunctionName=outputs["ApiFunction"])
    name = found["LoggingConfig"]["LogGroup"]
    groups = deployment.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert [group["retentionInDays"] for group in groups] == [14]


def test_a_local_cloud_takes_no_choice_from_the_developers_own_file(deployment):
    sources = {each["from"] for each in json.loads(deployment.outputs["Choices"]).values()}
    assert sources == {"-c"}


def test_the_second_deployment_says_what_it_changes_before_it_deploys(twice):
    _, (first, second) = twice
    assert "Choices" not in first.partition("Outputs:")[0]
    before = second.partition("deploying")[0]
    assert [line.strip() for line in before.splitlines() if " -> " in line] == [
        "throttle_rate: 9 -> 50  (was given with -c and returns to its default: "
        "write it into semblance.toml)",
        "log_retention_days: 7 -> 14",
    ]


def test_what_is_billed_has_the_tags_in_the_cloud(twice, deployment):
    outputs, _ = twice
    wanted = {"semblance:stack": STACK, "team": "doors"}
    # Not the buckets: the emulator's CloudFormation ignores their tags.
    functions = deployment.client("lambda")
    arn = functions.get_function(FunctionName=outputs["ApiFunction"])["Configuration"]
    assert wanted.items() <= functions.list_tags(Resource=arn["FunctionArn"])["Tags"].items()
    queue = deployment.client("sqs").list_queue_tags(QueueUrl=outputs["QueueUrl"])["Tags"]
    assert wanted.items() <= queue.items()


def test_the_rule_calls_idle_functions_with_an_event_that_they_answer_at_once(twice, deployment):
    outputs, _ = twice
    events = deployment.client("events")
    targets = [
        target
        for rule in events.list_rules()["Rules"]
        if rule["Name"].startswith(STACK)
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        if "Input" in target
    ]
    called = {target["Arn"].rpartition(":")[2]: target["Input"] for target in targets}
    seldom = ("ApiFunction", "WorkerFunction", "FinishingFunction")
    assert called.keys() == {outputs[each] for each in seldom}
    for name, event in called.items():
        reply = deployment.client("lambda").invoke(FunctionName=name, Payload=event.encode())
        assert "FunctionError" not in reply
        assert json.load(reply["Payload"]) == {}
