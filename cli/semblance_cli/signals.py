"""Signals that end a command."""

import signal
import sys


def unwind_on_signals() -> None:
    """Have a closed terminal and a plain `kill` end us as Ctrl-C does: through every `finally`."""
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
