"""A directory for this process's temporary files."""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

_NAME = "semblance-"


@cache
def directory() -> Path:
    """Empty. Deletes the directories of dead processes: Lambda keeps the files of a process that
    it has killed, and those may hold vectors."""
    parent = Path(tempfile.gettempdir())
    for path in parent.glob(f"{_NAME}*"):
        pid = path.name.removeprefix(_NAME)
        if pid.isdecimal() and (int(pid) == os.getpid() or not _is_running(int(pid))):
            shutil.rmtree(path, ignore_errors=True)
    path = parent / f"{_NAME}{os.getpid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
