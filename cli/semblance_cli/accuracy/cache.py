"""Readings kept on disk, so that an interrupted or repeated measurement reads no photo twice.

Templates are biometric data: the file is readable by its owner alone, and `erase` removes it. Its
keys are digests of photos; it holds neither names of files nor of people.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from semblance import vision
from semblance_cli.accuracy import templates
from semblance_cli.accuracy.templates import Reading
from semblance_cli.problems import CommandError

if TYPE_CHECKING:
    from semblance.vision.packs.specs import ModelPack

_OWNER_ALONE = 0o600
_PATIENCE_S = 60
"""How long to wait for another run that writes to the same file."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS reading (
    pack TEXT, photo TEXT, outcome TEXT, PRIMARY KEY (pack, photo)
) WITHOUT ROWID
"""


class Cache(AbstractContextManager["Cache"]):
    """Used by one thread. A kill loses what was added since the last `commit`, and no more."""

    def __init__(self, path: Path, pack: str) -> None:
        """`pack`: its fingerprint. Raises CommandError for a file that is no cache."""
        self._pack = pack
        path.touch(mode=_OWNER_ALONE)
        self._connection = sqlite3.connect(path, timeout=_PATIENCE_S)
        try:
            self._connection.execute("PRAGMA secure_delete = ON")
            self._connection.execute(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise CommandError(f"{path} cannot be used ({error}): delete it.") from error

    def readings(self) -> dict[str, Reading]:
        """All of this pack, by the SHA-256 of the photo."""
        rows = self._connection.execute(
            "SELECT photo, outcome FROM reading WHERE pack = ?", (self._pack,)
        )
        return {photo: templates.loaded(outcome) for photo, outcome in rows}

    def add(self, photo: str, reading: Reading) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO reading VALUES (?, ?, ?)", (self._pack, photo, reading.dumped())
        )

    def commit(self) -> None:
        self._connection.commit()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with closing(self._connection):
            self._connection.commit()


def erase(path: Path) -> None:
    """With the journal that a killed run may have left beside it."""
    for each in (path, path.with_name(f"{path.name}-journal")):
        each.unlink(missing_ok=True)


def fingerprint(pack: ModelPack, models: Path) -> str:
    """Of all that decides about a template: the pack's files, rules and limits, and the code.

    `models`: the folder that the pack was loaded with, which decides nothing."""
    digest = hashlib.sha256(repr(pack).replace(str(models), "").encode())
    for file in sorted(Path(vision.__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
