"""The deployment under check and the run: handed from check to check."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from semblance.contract.settings import variable
from semblance_cli.check.cleanup import Cleanup
from semblance_cli.check.endpoint import Answer, Endpoint, Key

if TYPE_CHECKING:
    from semblance_cli.key_store import KeyStore
    from semblance_cli.stack import Account

FUNCTIONS = {
    "Api": "ApiFunction",
    "Worker": "WorkerFunction",
    "Compactor": "CompactorFunction",
    "Finishing": "FinishingFunction",
}
"""Outputs of the stack that name the functions."""
OUTPUTS = (
    "ApiUrl", "ApiId", "Auth", "TableName", "InputBucket", "ResultsBucket", "SnapshotsBucket",
    "KeyArn", "QueueUrl", "DeadLetterQueueUrl", "AuditLogGroup", *FUNCTIONS.values(),
)  # fmt: skip

Found = TypeVar("Found")


@dataclass(slots=True)
class Context:
    account: Account
    stack: str
    outputs: Mapping[str, str]
    endpoint: Endpoint
    run: str
    """Name of the run, of its collection and of everything else that it makes."""
    photo: bytes | None = None
    """The owner's photo of a face."""
    is_local: bool = False
    keys: KeyStore | None = None
    """With `auth=keys`."""
    key: Key | None = None
    """Signs the run's calls; None with `auth=none`, or while there is none."""
    began: float = field(default_factory=time.time)
    """Epoch seconds."""
    patience: float = 60.0
    """Seconds to wait for something that comes by itself: a result, an event, a log line."""
    cleanup: Cleanup = field(default_factory=Cleanup)
    calls: list[Answer] = field(default_factory=list)
    """Of this run that the function answered with success, in their order."""
    answers: bool = True
    """Whether the API answers; False once the first signed call had no reply."""
    has_collection: bool = False
    event_queue: str = ""
    """URL of the run's queue, once events are sent there."""
    _clients: dict[str, Any] = field(default_factory=dict)

    @property
    def auth(self) -> str:
        return self.outputs["Auth"]

    @property
    def kind(self) -> str:
        """Of the gateway: REST or HTTP."""
        return self.outputs.get("ApiKind", "REST")

    @property
    def partition(self) -> str:
        return self.outputs["KeyArn"].split(":")[1]

    @property
    def account_id(self) -> str:
        return self.outputs["KeyArn"].split(":")[4]

    def client(self, service: str) -> Any:
        """One for each service: to make one takes longer than most calls."""
        if service not in self._clients:
            self._clients[service] = self.account.client(service)
        return self._clients[service]

    def function(self, name: str) -> dict[str, Any]:
        """The configuration of a function, by its name in FUNCTIONS."""
        configuration: dict[str, Any] = self.client("lambda").get_function_configuration(
            FunctionName=self.outputs[FUNCTIONS[name]]
        )
        return configuration

    def setting(self, function: str, field: str) -> str:
        """A field of Settings, as the deployed function has it; empty if it has none."""
        variables = self.function(function).get("Environment", {}).get("Variables", {})
        return str(variables.get(variable(field), ""))

    def bus(self) -> str:
        """The event bus that gets the events of dropped photos."""
        return self.setting("Worker", "event_bus") or "default"

    def call(self, operation: str, **request: Any) -> Answer:
        """With the run's key. Remembers successes."""
        answer = self.endpoint.call(operation, request, self.key)
        if answer.good:
            self.calls.append(answer)
        return answer

    def awaited(
        self, look: Callable[[], Found | None], patience: float | None = None
    ) -> Found | None:
        """The first answer of `look` that is not None; None when the patience is over."""
        deadline = time.monotonic() + (self.patience if patience is None else patience)
        while (found := look()) is None and time.monotonic() < deadline:
            time.sleep(0.5)
        return found
