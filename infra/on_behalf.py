"""Grants that AWS services use on behalf of a function, each with its reason. The code itself does
not need them; `tests/infra/test_roles.py` rejects every other grant that the code does not use."""

_DYNAMODB = (
    "DynamoDB uses the table's key on behalf of the caller that reads or writes: https://"
    "docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"
)
_LAMBDA_POLLS = (
    "Lambda polls the queue on behalf of the function: https://"
    "docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"
)
_LAMBDA_LOGS = (
    "Lambda writes the function's log on its behalf: https://"
    "docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html"
)
_LAMBDA_TRACES = (
    "Lambda sends traces on behalf of the function: https://"
    "docs.aws.amazon.com/lambda/latest/dg/services-xray.html"
)

KEY = {
    "kms:Decrypt": f"{_DYNAMODB}; so do S3 to read objects and CloudWatch Logs for an encrypted "
    "log group.",
    "kms:DescribeKey": _DYNAMODB,
    "kms:Encrypt": _DYNAMODB,
    "kms:GenerateDataKey": f"{_DYNAMODB}; so does S3 to write objects.",
    "kms:GenerateDataKeyWithoutPlaintext": _DYNAMODB,
    "kms:ReEncryptFrom": _DYNAMODB,
    "kms:ReEncryptTo": _DYNAMODB,
}
"""Granted only through the services that `kms:ViaService` names."""

QUEUE = {
    "sqs:DeleteMessage": _LAMBDA_POLLS,
    "sqs:GetQueueAttributes": _LAMBDA_POLLS,
    "sqs:ReceiveMessage": _LAMBDA_POLLS,
}
OWN_LOG = {"logs:CreateLogStream": _LAMBDA_LOGS, "logs:PutLogEvents": _LAMBDA_LOGS}
TRACES = {"xray:PutTelemetryRecords": _LAMBDA_TRACES, "xray:PutTraceSegments": _LAMBDA_TRACES}
"""The CDK grants these on `*`: X-Ray has no resources to restrict them to."""
