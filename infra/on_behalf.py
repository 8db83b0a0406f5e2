"""What AWS's services do in a function's name. No call of ours needs these grants, so each says why
it is there; `tests/infra/test_roles.py` refuses every other that nothing uses."""

_DYNAMODB = (
    "DynamoDB works with the table's key in the name of whoever reads and writes: https://"
    "docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"
)
_LAMBDA_POLLS = (
    "Lambda polls the queue in the name of the function: https://"
    "docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"
)
_LAMBDA_LOGS = (
    "Lambda writes the function's log in its name: https://"
    "docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html"
)
_LAMBDA_TRACES = (
    "Lambda sends traces in the name of the function: https://"
    "docs.aws.amazon.com/lambda/latest/dg/services-xray.html"
)

KEY = {
    "kms:Decrypt": f"{_DYNAMODB}; so do S3 with objects that are read and CloudWatch Logs with a "
    "log group that has a key.",
    "kms:DescribeKey": _DYNAMODB,
    "kms:Encrypt": _DYNAMODB,
    "kms:GenerateDataKey": f"{_DYNAMODB}; so does S3 with objects that are written.",
    "kms:GenerateDataKeyWithoutPlaintext": _DYNAMODB,
    "kms:ReEncryptFrom": _DYNAMODB,
    "kms:ReEncryptTo": _DYNAMODB,
}
"""Through the services that `kms:ViaService` names, and no other way."""

QUEUE = {
    "sqs:DeleteMessage": _LAMBDA_POLLS,
    "sqs:GetQueueAttributes": _LAMBDA_POLLS,
    "sqs:ReceiveMessage": _LAMBDA_POLLS,
}
OWN_LOG = {"logs:CreateLogStream": _LAMBDA_LOGS, "logs:PutLogEvents": _LAMBDA_LOGS}
TRACES = {"xray:PutTelemetryRecords": _LAMBDA_TRACES, "xray:PutTraceSegments": _LAMBDA_TRACES}
"""Granted by the CDK, to `*`: X-Ray has no resources that a trace could be confined to."""
