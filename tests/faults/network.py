"""Stands between the AWS clients and AWS: notes every call, and lets one fault happen to one."""

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
    """The calls and the number of faults of a process between `begin` and `end`."""

    sites: list[Site]
    faults: int


class Network:
    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        """The events that EventBridge accepted."""
        self._lock = threading.Lock()
        self._far_end: Connection | None = None
        self.begin()

    def begin(self, fault: Fault | None = None) -> None:
        """Starts the run of a process, which will meet this fault."""
        self._sites = Sites()
        self._fault: Fault | None = fault
        self._happened = 0
        self._dead = False

    def end(self) -> Run:
        """Ends the run; no more faults happen."""
        run = Run(self._sites.seen, self._happened)
        self.begin()
        return run

    def lead_to(self, far_end: Connection) -> None:
        """In a child process: sends calls to the parent, whose network carries them."""
        self._far_end = far_end

    def __call__(self, event_name: str, request: Any, **_: Any) -> AWSResponse:
        """The handler for botocore's before-send event."""
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
                raise Killed  # a call of another thread has ended the process
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
