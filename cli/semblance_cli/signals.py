"""Signals that end a command."""

import signal
import sys


def unwind_on_signals() -> None:
    """End on a closed terminal and on a plain `kill` as on Ctrl-C: through every `finally`."""
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
