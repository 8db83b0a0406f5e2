"""The audit trail: writes lines to a CloudWatch Logs stream to which functions may only append."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from functions.runtime import emf
from functions.runtime.audit import Line
from semblance.contract.metrics import AUDIT_LOST

if TYPE_CHECKING:
    from types_boto3_logs import CloudWatchLogsClient

logger = Logger()


class Trail:
    def __init__(
        self, logs: CloudWatchLogsClient, group: str, stream: str, clock: Callable[[], float]
    ) -> None:
        """`stream`: made by the stack; a function may add to its own and do nothing else."""
        self._logs = logs
        self._group, self._stream = group, stream
        self._clock = clock

    def write(self, line: Line) -> None:
        """Writes the line before the caller gets the reply. A failure does not fail the call, whose
        effect is committed by now: the line then goes to the function's own log."""
        now_ms = int(self._clock() * 1000)
        try:
            reply = self._logs.put_log_events(
                logGroupName=self._group,
                logStreamName=self._stream,
                logEvents=[{"timestamp": now_ms, "message": line.to_json()}],
            )
        except (BotoCoreError, ClientError) as error:
            self._keep(line, str(error))
        else:
            if rejected := reply.get("rejectedLogEventsInfo"):
                self._keep(line, f"rejected: {rejected}")

    def _keep(self, line: Line, reason: str) -> None:
        logger.error("not in the audit trail", audit=asdict(line), reason=reason)
        emf.emit({AUDIT_LOST: 1})
