"""Between the AWS clients and AWS: notes every call, and lets one fault happen to one of them."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from botocore.awsrequest import AWSResponse

from tests.faults import aws
from tests.faults.aws import Call, Reply
from tests.faults.kinds import Killed, Kind
from tests.faults.sites import Site, Sites


@dataclass(frozen=True)
class Fault:
    site: Site
    kind: Kind


@dataclass(frozen=True)
class Run:
    """What a process has done between `begin` and `end`."""

    sites: list[Site]
    faults: int


class Network:
    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        """Those that EventBridge took."""
        self._lock = threading.Lock()
        self._far_end: Connection | None = None
        self.begin()

    def begin(self, fault: Fault | None = None) -> None:
        """A process sets to work, which meets this fault."""
        self._sites = Sites()
        self._fault: Fault | None = fault
        self._happened = 0
        self._dead = False

    def end(self) -> Run:
        """No more faults."""
        run = Run(self._sites.seen, self._happened)
        self.begin()
        return run

    def lead_to(self, far_end: Connection) -> None:
        """In a process that is another's child, which has the network proper."""
        self._far_end = far_end

    def __call__(self, event_name: str, request: Any, **_: Any) -> AWSResponse:
        """A handler of botocore's before-send."""
        call = aws.call_of(event_name, request)
        return (self._ask_for(call) if self._far_end else self.carry(call)).to(request.url)

    def _ask_for(self, call: Call) -> Reply:
        assert self._far_end
        with self._lock:
            self._far_end.send(call)
            reply: Reply = self._far_end.recv()
            return reply

    def carry(self, call: Call) -> Reply:
        with self._lock:
            if self._dead:
                raise Killed  # another thread's call has ended the process
            site = self._sites.of(call)
            if self._fault is None or not self._meets(self._fault, site, call):
                return self._take(call)
            self._happened += 1
            try:
                return self._fault.kind.happens(call, self._take)
            except Killed:
                self._dead = True
                raise

    def _take(self, call: Call) -> Reply:
        reply = aws.answer(call)
        if call.operation == "PutEvents":
            self.events += json.loads(call.body)["Entries"]
        return reply

    def _meets(self, fault: Fault, site: Site, call: Call) -> bool:
        return (
            site == fault.site
            and (call.is_first_try or fault.kind.for_good)
            and fault.kind.happens_to(site)
        )
