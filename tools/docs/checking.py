"""docs/checking.md: every check of `semblance check`, and the permissions that it needs."""

import json
from collections.abc import Iterator

from semblance_cli.check.findings import Check
from semblance_cli.check.groups import CLEANUP, GROUPS

_MEANING = {
    "listen": "A rule and a queue of the run's own, which get the events of its photo.",
    "key": "With `auth=iam` your credentials; with `auth=keys` an access key made for the run, "
    "which may work with collections named `semblance-check-*` alone.",
    "stack": "CloudFormation has finished creating or updating the stack.",
    "outputs": "The deployment is not older than the command.",
    "function-state": "Lambda can run each function, and took its last update.",
    "function-size": "Package, architecture, memory and time-out, for you to compare with your "
    "choices. No API tells an account's largest memory: a function that exists proves its own.",
    "function-throttled": "Nobody has set a function's concurrency to 0.",
    "concurrency": "The account's concurrency suffices for all workers, a call and the compactor. "
    "A new account has 10.",
    "gateway-quota": "The account's rate is not below `throttle_rate`.",
    "kms-key": "The key is enabled and not waiting for its deletion.",
    "key-rotation": "KMS renews the key every year.",
    "table": "The table is active and protected from deletion.",
    "table-key": "It is encrypted with the stack's key.",
    "ttl": "Expired items are deleted.",
    "backups": "You can restore it to a point in time.",
    "public-access": "Each bucket blocks public access in all four ways.",
    "bucket-key": "New objects are encrypted with the stack's key.",
    "tls": "A policy denies plain HTTP.",
    "versions": "The input bucket keeps versions; the others keep none.",
    "signed-call": "A well-signed ListCollections is answered. It is the first call of the run.",
    "boto3": "So is that of a boto3 client with nothing changed but its endpoint (and, with "
    "`auth=iam`, the signing name).",
    "slash": "Both forms of the endpoint answer: some SDKs append a slash.",
    "endpoint": "The output ApiUrl ends without a slash.",
    "preflight": "Browsers on each of your `cors_origins` are let in.",
    "header": "With `auth=keys`: the gateway hands the Authorization header to the function. This "
    "is what AWS documents REST APIs not to do.",
    "leftovers": "Leftovers of a run that was killed over 15 minutes ago are removed.",
    "unsigned": "MissingAuthenticationTokenException.",
    "wrong-secret": "InvalidSignatureException.",
    "unknown-key": "UnrecognizedClientException; with `auth=iam` API Gateway chooses the code.",
    "without-right": "With `auth=keys`: AccessDeniedException for an operation and a collection "
    "that the key does not allow.",
    "wrong-target": "UnknownOperationException.",
    "other-route": "GET, and POST to another path, are refused in AWS's form.",
    "too-large": "A body above Lambda's 6 MB is refused with an error that no SDK retries.",
    "create": "CreateCollection.",
    "no-face": "The picture is decoded, the models run, and no face is found in it.",
    "face": "With `--photo`: the face is indexed, found with a similarity of 99 or more, deleted, "
    "and not found any more.",
    "notifications": "S3 announces photos under `search/` and `index/` to the queue.",
    "event-source": "Lambda gives the queue's messages to the worker.",
    "dropped": "A photo put into the input bucket has its result in time, and its event on the "
    "bus. Without `--photo` the result is the refusal of a picture without a face.",
    "dead-letters": "No photo has failed for good.",
    "audit": "The calls of the run have their lines in the audit trail.",
    "log-role": "API Gateway may write logs in this account (REST APIs).",
    "access-log": "A call of the run has its line in the access log.",
    "alarms": "All alarms exist, none fires, their actions are on.",
    "alarm-topic": "Alarms go to a topic with a confirmed subscription.",
    "schedule": "EventBridge starts the compactor.",
    "compactor": "It runs, on the run's collection alone, with its own role.",
    "cold-starts": "The slowest start of a process, from Lambda's REPORT lines of a day.",
    "loads": "The slowest load of a collection in a day took less than half of the time-out.",
    "role": "IAM's simulator grants each function what it needs, and denies the rest: "
    "the API writes no results, nobody reads the audit trail, the compactor sees no photo, no role "
    "uses the key except through DynamoDB, S3 and Logs.",
    "delete": "DeleteCollection, after which the collection is not found.",
    "times": "The first call took 10 seconds at most, the median of the others one. Your way to "
    "the region is part of both.",
    "cleanup": "Everything that the run made is removed.",
}

_ARN = "arn:aws:{}:REGION:ACCOUNT:{}"
_OWN = "semblance-check-*"
_OBJECTS = [
    f"arn:aws:s3:::INPUT_BUCKET/search/{_OWN}",
    f"arn:aws:s3:::RESULTS_BUCKET/results/search/{_OWN}",
]
_RESOURCES: dict[str, list[str]] = {
    "execute-api:Invoke": [_ARN.format("execute-api", "API_ID/*/POST/")],
    "dynamodb:DeleteItem": [_ARN.format("dynamodb", "table/TABLE_NAME")],
    "dynamodb:PutItem": [_ARN.format("dynamodb", "table/TABLE_NAME")],
    "dynamodb:Query": [_ARN.format("dynamodb", "table/TABLE_NAME")],
    "kms:Decrypt": ["KEY_ARN"],
    "kms:Encrypt": ["KEY_ARN"],
    "kms:GenerateDataKey": ["KEY_ARN"],
    "lambda:InvokeFunction": [_ARN.format("lambda", "function:COMPACTOR_FUNCTION")],
    "logs:FilterLogEvents": [_ARN.format("logs", "log-group:STACK-*")],
    "s3:DeleteObject": _OBJECTS,
    "s3:DeleteObjectVersion": _OBJECTS,
    "s3:GetObject": _OBJECTS,
    "s3:PutObject": _OBJECTS[:1],
    **{
        f"sqs:{action}": [_ARN.format("sqs", _OWN)]
        for action in ("CreateQueue", "DeleteQueue", "ReceiveMessage", "SetQueueAttributes")
    },
    **{
        f"events:{action}": [_ARN.format("events", f"rule/*{_OWN}")]
        for action in ("DeleteRule", "PutRule", "PutTargets", "RemoveTargets")
    },
}
"""Of the actions that change something or read content; all others only look at settings."""


def page() -> str:
    return f"""# Checking a deployment

For you who have just deployed: one command proves the deployment from outside, and names a remedy
for each fault. Run it after every `cdk deploy`, with the credentials that you deploy with:

```sh
semblance check
```

It takes about a minute. Each line has a state, a check and the observation; a line that is not well
also has the expectation and a remedy:

```text
Refusals
ok         An unsigned call: 400 MissingAuthenticationTokenException
ok         A wrong secret: 400 InvalidSignatureException

Dropped photos
ok         The bucket's notifications: for index/, search/
failed     The queue feeds the worker: Disabled, at most 5 workers, 5 photos
             each
           wanted: Enabled
           remedy: `aws lambda update-event-source-mapping --enabled --uuid
             2dd49299-4b9c-40c9-8799-8ceab5bb523b`
```

| state | meaning |
|---|---|
| `ok` | seen to work |
| `failed` | mend it: the remedy says how |
| `warning` | works, but you may not want it so |
| `not known` | you lack a permission, or AWS did not answer; the line says which |
| `skipped` | does not apply to this deployment, or you gave no photo; the line says why |

The exit status is 0 if nothing failed, 1 if something did, and 2 if the command gave up, for
example because there is no such stack in the region.

**Give it a photo.** The command has no photo of a person: a drawn picture proves that pictures are
decoded and that the models run, and no more. `semblance check --photo face.jpg` also indexes, finds
and deletes the face in your photo. In a checkout, `make fetch` has put one into
`.local/photos/obama.jpg`.

**Other endpoints.** The command calls the output ApiUrl, which is your custom domain if you have
one; `--api-url` names another way to the same stack. A private API answers inside its VPC only: run
the command there.

## It leaves nothing behind

A run makes a collection, an access key (with `auth=keys`), a photo and its result, a queue and a
rule, all named `semblance-check-<time>-<random>`. It removes them when it ends, fails or is stopped
with Ctrl-C. If it is killed, the next run removes them, a quarter of an hour later. Left are its
lines in logs, audit trail and metrics, and for at most an hour the empty records of the deleted
collection, until the compactor erases them.

## Its cost

Less than a cent. Computed for us-east-1 from prices in AWS's papers, read in November 2026, with
x86_64, 3,008 MiB and all functions cold, and 10 seconds assumed for a start:

| | of a run | cost |
|---|---|---|
| [Lambda](https://docs.aws.amazon.com/whitepapers/latest/how-aws-pricing-works/lambda.html), \
0.00001667 dollars per GB-second | 3 starts and 35 calls of 0.3 s: 119 GB-seconds | 0.0020 \
dollars |
| [API Gateway](https://docs.aws.amazon.com/whitepapers/latest/\
best-practices-api-gateway-private-apis-integration/cost-optimization.html), \
3.50 dollars per million calls (REST) | 35 calls | 0.0001 dollars |
| S3, DynamoDB, SQS, EventBridge, KMS, CloudWatch | under 200 requests, none above 0.01 dollars \
per thousand | 0.0020 dollars at most |

## Send a report

```sh
semblance check --json
```

This prints the same as JSON. Account ids, names of callers, ids of access keys and host names are
masked, so that you can send it to Semblance's developers with a question. Names of the stack's
resources stay: they hold the stack's name. `Findings` has `Id`, `Group`, `Title`, `Of` (the part,
if a check looks at several), `State`, `Seen`, `Wanted` and `Remedy`; an `Id` stays the same between
versions. `Counts` has the number of each state, and `Version`, `Region`, `Auth`, `ApiKind`,
`ModelPack`, `LocalCloud` and `WithPhoto` describe the deployment.

## The checks

| id | line | meaning |
|---|---|---|
{chr(10).join(_rows())}

In a local cloud, the checks that its emulator leaves out are skipped, and say so.

## Permissions

Whoever deploys has them. This policy is enough; put your stack's outputs in place of the capitals.
A permission that you lack makes its checks `not known` and ends no run.

```json
{json.dumps(_policy(), indent=2)}
```

`make docs` generates this page from the checks in `cli/semblance_cli/check/`.
"""


def _checks() -> Iterator[Check]:
    for group in (*GROUPS, CLEANUP):
        yield from group.checks


def _rows() -> Iterator[str]:
    for check in _checks():
        yield f"| `{check.id}` | {check.title} | {_MEANING[check.id]} |"


def _policy() -> dict[str, object]:
    actions = sorted({action for check in _checks() for action in check.needs})
    reading = [action for action in actions if action not in _RESOURCES]
    statements: list[dict[str, object]] = [
        {"Effect": "Allow", "Action": reading, "Resource": "*"},
    ]
    for resources in _distinct(_RESOURCES[each] for each in actions if each in _RESOURCES):
        having = [each for each in actions if _RESOURCES.get(each) == resources]
        statements.append({"Effect": "Allow", "Action": having, "Resource": resources})
    return {"Version": "2012-10-17", "Statement": statements}


def _distinct(lists: Iterator[list[str]]) -> list[list[str]]:
    found: list[list[str]] = []
    for each in lists:
        if each not in found:
            found.append(each)
    return found
