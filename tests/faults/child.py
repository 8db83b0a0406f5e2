"""A child process that calls AWS through its parent: for SIGKILL, which no handler can catch."""

import multiprocessing
import os
import signal
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection

from tests.faults.aws import Call
from tests.faults.kinds import Killed
from tests.faults.network import Network
from tests.faults.world import Answer

_SPAWN = multiprocessing.get_context("fork")
_SECONDS = 30

Work = Callable[[], Answer]


def act(network: Network, work: Work) -> Answer:
    """Raises Killed when the child was killed at the call that the fault is for."""
    here, there = _SPAWN.Pipe()
    child = _SPAWN.Process(target=_work, args=(network, there, work), daemon=True)
    with warnings.catch_warnings():
        # Python warns of threads at a fork. They are the local cloud's, which the child never uses.
        warnings.simplefilter("ignore", DeprecationWarning)
        child.start()
    there.close()
    try:
        while True:
            told: Call | Answer = here.recv()
            if isinstance(told, Answer):
                return told
            here.send(network.carry(told))
    except Killed:
        os.kill(child.pid or 0, signal.SIGKILL)
        raise
    finally:
        child.join(_SECONDS)


def _work(network: Network, there: Connection, work: Work) -> None:
    network.lead_to(there)
    there.send(work())
