"""The files of a folder, and which of them are photos that Semblance reads."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from semblance_cli.problems import CommandError

_SUFFIXES = {".jpg", ".jpeg", ".png"}


def files_in(root: Path) -> Iterator[tuple[str, Path]]:
    """Every file under the folder, sorted: its name with slashes, relative to the folder, and its
    path. Raises CommandError for a folder that cannot be read."""
    if not root.is_dir():
        problem = "is no folder" if root.exists() else "does not exist"
        raise CommandError(f"{root} {problem}.")
    for path in sorted(_walked(root)):
        yield path.relative_to(root).as_posix(), path


def is_photo(file: str) -> bool:
    """JPEG or PNG by its name, and neither hidden nor in a hidden folder."""
    parts = PurePosixPath(file).parts
    hidden = any(part.startswith(".") for part in parts)
    return not hidden and PurePosixPath(file).suffix.lower() in _SUFFIXES


def _walked(root: Path) -> Iterator[Path]:
    for directory, _, files in os.walk(root, onerror=_unreadable):
        paths = (Path(directory, file) for file in files)
        yield from (path for path in paths if path.is_file())


def _unreadable(error: OSError) -> None:
    raise CommandError(f"{error.filename} cannot be read: {error.strerror}") from error
