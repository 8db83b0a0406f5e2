"""Resident memory: its peak since the last reset, from the kernel."""

import re
import resource
from pathlib import Path

_SELF = Path("/proc/self")
_RESET_PEAK = "5"
"""Written to clear_refs, this resets the peak (proc(5))."""


def forget_peak() -> None:
    """Without /proc, a peak covers the whole life of the process."""
    if _SELF.exists():
        (_SELF / "clear_refs").write_text(_RESET_PEAK)


def peak_mib() -> float:
    if _SELF.exists():
        return _status_mib("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def resident_mib() -> float:
    return _status_mib("VmRSS") if _SELF.exists() else peak_mib()


def wall_mib(most: int) -> None:
    """Limits the address space: a case that would harm the machine gets a MemoryError instead."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most * 2**20, hard))


def _status_mib(name: str) -> float:
    found = re.search(rf"{name}:\s+(\d+) kB", (_SELF / "status").read_text())
    assert found, f"no {name} in /proc/self/status"
    return int(found[1]) / 1024
