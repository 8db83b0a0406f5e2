"""The custom resource that CloudFormation creates last (infra/finishing.py).

It switches the table's deletion protection on or off, gives an adopted table the settings that a
restored one lacks, and points the notifications of an adopted bucket at this deployment's queue.
It neither reads nor writes an item or an object.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import urllib3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from functions.runtime import clients
from semblance.contract import keep_active

logger = Logger()

Event = dict[str, Any]
Properties = Mapping[str, Any]

PATIENCE_SECONDS = 90
_PAUSE_SECONDS = 3
_PASSING = {
    # A role's new policy and a queue's take up to a minute to be known everywhere.
    "AccessDenied",
    "AccessDeniedException",
    "InvalidArgument",
    # The table is being changed.
    "ContinuousBackupsUnavailableException",
    "LimitExceededException",
    "ResourceInUseException",
}
_MOST_REASON_CHARACTERS = 2000
"""CloudFormation takes answers of up to 4,096 bytes:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html"""


class Refused(Exception):  # noqa: N818  (an outcome that owners can cause)
    """The deployment names a resource that it cannot use; the message goes to the owner."""


@logger.inject_lambda_context
def handler(event: Event, context: LambdaContext) -> dict[str, Any]:
    if event == keep_active.EVENT:
        return {}
    return respond(
        event,
        Finisher(clients.dynamodb(), clients.s3()),
        physical_id=event.get("PhysicalResourceId", context.aws_request_id),
    )


def respond(event: Event, finisher: "Finisher", *, physical_id: str) -> dict[str, Any]:
    """CloudFormation waits for an answer and gets one for every outcome. Returns it."""
    answer = {
        "Status": "SUCCESS",
        "PhysicalResourceId": physical_id,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    try:
        finisher.finish(event)
    except Exception as error:
        logger.exception("not finished")
        reason = f"{type(error).__name__}: {error}"[:_MOST_REASON_CHARACTERS]
        answer |= {"Status": "FAILED", "Reason": reason}
    try:
        _send(event["ResponseURL"], answer)
    except Exception:
        # Without an answer CloudFormation takes a creation back, table included.
        finisher.undo(event)
        raise
    return answer


def _send(url: str, answer: dict[str, Any]) -> None:
    """The URL is signed for a request without a content type."""
    retries = urllib3.Retry(total=4, backoff_factor=1, status_forcelist=[500, 503])
    with urllib3.PoolManager(retries=retries, timeout=urllib3.Timeout(connect=3, read=5)) as pool:
        reply = pool.request("PUT", url, body=json.dumps(answer).encode(), headers={})
    if reply.status >= 300:
        raise OSError(f"CloudFormation's URL answered {reply.status}")


@dataclass(frozen=True, slots=True)
class Finisher:
    dynamodb: Any
    s3: Any
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    patient_until: float = field(default_factory=lambda: time.monotonic() + PATIENCE_SECONDS)
    """By `clock`: from then on the first failure counts."""

    def finish(self, event: Event) -> None:
        """Raises Refused, ClientError and BotoCoreError. Everything may be done twice."""
        wanted, before = event["ResourceProperties"], event.get("OldResourceProperties", {})
        if event["RequestType"] == "Delete":
            # The table outlives the stack, and its protection with it.
            self._silence(wanted, {})
            return
        if "Adopted" in wanted:
            self._adopt_table(wanted["TableName"], wanted["Adopted"])
        self._silence(before, wanted)
        if "Notify" in wanted:
            self._notify(wanted["Notify"])
        # Last: when anything above fails, CloudFormation can still take the table back.
        self._protect(wanted["TableName"], wanted["Protected"] == "true")

    def undo(self, event: Event) -> None:
        """A table that was created with the stack can be deleted with it again."""
        created = event["RequestType"] == "Create" and "Adopted" not in event["ResourceProperties"]
        if created:
            self._protect(event["ResourceProperties"]["TableName"], False)

    def _protect(self, table: str, on: bool) -> None:
        found = self._describe(table)
        if found.get("DeletionProtectionEnabled", False) != on:
            self._ask(self.dynamodb.update_table, TableName=table, DeletionProtectionEnabled=on)
            logger.info("deletion protection", table=table, on=on)

    def _describe(self, table: str) -> dict[str, Any]:
        try:
            return dict(self._ask(self.dynamodb.describe_table, TableName=table)["Table"])
        except self.dynamodb.exceptions.ResourceNotFoundException as exc:
            raise Refused(f"there is no table {table}") from exc

    def _adopt_table(self, table: str, asked: Properties) -> None:
        found = self._describe(table)
        keys = [each["AttributeName"] for each in found["KeySchema"]]
        if keys != asked["KeySchema"]:
            raise Refused(f"{table} is no table of Semblance: its keys are {', '.join(keys)}")
        key = found.get("SSEDescription", {}).get("KMSMasterKeyArn", "a key of AWS")
        if key != asked["KeyArn"]:
            raise Refused(f"{table} is encrypted with {key}, and key_arn is {asked['KeyArn']}")
        self._expire(table, asked["ExpiresAt"])
        self._back_up(table, int(asked["BackupDays"]))

    def _expire(self, table: str, attribute: str) -> None:
        """Leaves a TTL that is on: DynamoDB refuses to enable it twice."""
        reply = self._ask(self.dynamodb.describe_time_to_live, TableName=table)
        found = reply["TimeToLiveDescription"]
        if found["TimeToLiveStatus"] in ("ENABLED", "ENABLING"):
            if found["AttributeName"] != attribute:
                raise Refused(f"{table} expires items by {found['AttributeName']}")
            return
        wanted = {"Enabled": True, "AttributeName": attribute}
        self._ask(
            self.dynamodb.update_time_to_live, TableName=table, TimeToLiveSpecification=wanted
        )

    def _back_up(self, table: str, days: int) -> None:
        """To switch backups off deletes them, so it is done only if they are on."""
        reply = self._ask(self.dynamodb.describe_continuous_backups, TableName=table)
        found = reply["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        is_on = found.get("PointInTimeRecoveryStatus") == "ENABLED"
        if (found.get("RecoveryPeriodInDays") if is_on else 0) == days:
            return
        wanted: dict[str, Any] = {"PointInTimeRecoveryEnabled": days > 0}
        if days:
            wanted["RecoveryPeriodInDays"] = days
        self._ask(
            self.dynamodb.update_continuous_backups,
            TableName=table,
            PointInTimeRecoverySpecification=wanted,
        )

    def _silence(self, before: Properties, wanted: Properties) -> None:
        """A bucket that is adopted no longer stops sending to the queue."""
        old, new = before.get("Notify"), wanted.get("Notify")
        if old and (new is None or new["Bucket"] != old["Bucket"]):
            found = self._notifications(old["Bucket"])
            others = [each for each in _queues(found) if each["QueueArn"] != old["QueueArn"]]
            if others != _queues(found):
                self._set_notifications(old["Bucket"], found, others)

    def _notify(self, asked: Properties) -> None:
        """Replaces those for our prefixes, which S3 allows only once: an earlier stack's queue may
        be gone. Keeps all others."""
        prefixes = asked["Prefixes"]
        found = self._notifications(asked["Bucket"])
        kept = [each for each in _queues(found) if not set(_prefixes(each)) & set(prefixes)]
        ours = [_notification(asked["QueueArn"], prefix) for prefix in prefixes]
        self._set_notifications(asked["Bucket"], found, [*kept, *ours])

    def _notifications(self, bucket: str) -> dict[str, Any]:
        reply = self._ask(self.s3.get_bucket_notification_configuration, Bucket=bucket)
        return {name: value for name, value in reply.items() if name != "ResponseMetadata"}

    def _set_notifications(
        self, bucket: str, found: dict[str, Any], queues: list[dict[str, Any]]
    ) -> None:
        """S3 holds them in one document."""
        wanted = found | {"QueueConfigurations": queues}
        self._ask(
            self.s3.put_bucket_notification_configuration,
            Bucket=bucket,
            NotificationConfiguration=wanted,
        )

    def _ask(self, call: Callable[..., Any], **request: Any) -> Any:
        """Tries again while the reason may pass."""
        while True:
            try:
                return call(**request)
            except ClientError as error:
                passing = error.response["Error"]["Code"] in _PASSING
                if not passing or self.clock() > self.patient_until:
                    raise
            except BotoCoreError:
                if self.clock() > self.patient_until:
                    raise
            self.pause(_PAUSE_SECONDS)


def _queues(notifications: dict[str, Any]) -> list[dict[str, Any]]:
    return list(notifications.get("QueueConfigurations", []))


def _prefixes(configuration: dict[str, Any]) -> Iterator[str]:
    rules = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return (each["Value"] for each in rules if each["Name"].lower() == "prefix")


def _notification(queue_arn: str, prefix: str) -> dict[str, Any]:
    rule = {"Name": "prefix", "Value": prefix}
    return {
        "Id": f"semblance-{prefix.rstrip('/')}",
        "QueueArn": queue_arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [rule]}},
    }
