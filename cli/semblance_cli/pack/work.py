"""Faces and outputs kept on disk while a pack is made, so that an interrupted run goes on.

Both are biometric data: the file is readable by its owner alone, and is removed when the pack is
written. Its keys are digests of photos; it holds neither names of files nor of people.
"""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from semblance.embedding.codec import Embeddings

_OWNER_ALONE = 0o600
_SCHEMA = """
CREATE TABLE IF NOT EXISTS face (
    base TEXT, photo TEXT, problem TEXT, crop BLOB, beside BLOB, PRIMARY KEY (base, photo)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS output (
    network TEXT, photo TEXT, numbers BLOB, PRIMARY KEY (network, photo)
) WITHOUT ROWID;
"""
_CROP = (112, 112, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """The outcome of one photo: a face, or the reason why there is none."""

    problem: str = ""
    crop: NDArray[np.uint8] | None = None
    """(112, 112, 3), aligned, RGB."""
    beside: bytes = b""
    """The face as the base pack stores it."""


class Work(AbstractContextManager["Work"]):
    """Used by one thread. A kill loses what was added since the last `commit`, and no more."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=_OWNER_ALONE)
        self._connection = sqlite3.connect(path)
        self._connection.execute("PRAGMA secure_delete = ON")
        self._connection.executescript(_SCHEMA)

    def looks(self, base: str) -> dict[str, Look]:
        """By the SHA-256 of the photo. `base`: the fingerprint of the pack that found them."""
        rows = self._connection.execute(
            "SELECT photo, problem, crop, beside FROM face WHERE base = ?", (base,)
        )
        return {photo: _look(problem, crop, beside) for photo, problem, crop, beside in rows}

    def add_look(self, base: str, photo: str, look: Look) -> None:
        crop = None if look.crop is None else look.crop.tobytes()
        self._connection.execute(
            "INSERT OR REPLACE INTO face VALUES (?, ?, ?, ?, ?)",
            (base, photo, look.problem, crop, look.beside),
        )

    def outputs(self, network: str) -> dict[str, Embeddings]:
        """By the SHA-256 of the photo. `network`: the file's, with its input."""
        rows = self._connection.execute(
            "SELECT photo, numbers FROM output WHERE network = ?", (network,)
        )
        return {photo: np.frombuffer(numbers, np.float32) for photo, numbers in rows}

    def add_output(self, network: str, photo: str, numbers: Embeddings) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO output VALUES (?, ?, ?)",
            (network, photo, numbers.astype(np.float32).tobytes()),
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


def _look(problem: str, crop: bytes | None, beside: bytes) -> Look:
    pixels = None if crop is None else np.frombuffer(crop, np.uint8).reshape(_CROP)
    return Look(problem, pixels, beside)
