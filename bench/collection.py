"""A collection of generated faces as the service stores it: face ids and a gallery snapshot."""

import multiprocessing
import os
import uuid
from pathlib import Path

import numpy as np

from bench.vectors import CODEC, Store
from semblance.gallery import snapshot
from semblance.gallery.rows import Rows
from semblance.gallery.users import UserRows

COLLECTION = "6f1c2a54-9d0b-4e0c-8a37-0c5b1f6e2d11"
"""The uid of the collection."""
STORE = "embeddings.f16"
_SCATTER = 0x9E3779B97F4A7C15
_HALF = (1 << 64) - 1


def prepare(directory: Path, faces: int) -> None:
    """Make the files of the collection, in a process of its own so that its memory is freed."""
    apart = multiprocessing.get_context("spawn").Process(target=_prepare, args=(directory, faces))
    apart.start()
    apart.join()
    if apart.exitcode:
        raise RuntimeError(f"a collection of {faces} faces was not made")


def _prepare(directory: Path, faces: int) -> None:
    store = Store(directory / STORE)
    store.grow(faces)
    SnapshotFile(store, directory, faces).make()


def face_id(row: int) -> str:
    """Scattered over all ids, as real ones are; its second half is the row."""
    return str(uuid.UUID(int=((row * _SCATTER & _HALF) << 64) | row))


def row_of(face_id: str) -> int:
    return uuid.UUID(face_id).int & _HALF


class SnapshotFile:
    """The gallery snapshot of a collection with so many faces, made once and kept."""

    def __init__(self, store: Store, directory: Path, faces: int) -> None:
        self._store, self._faces = store, faces
        self.path = directory / f"{faces}-{CODEC.mark.hex()}.snapshot"

    def make(self) -> None:
        if self.path.exists():
            return
        rows = Rows(CODEC.size)
        first = 0
        for block in self._store.blocks(self._faces):
            rows.append(_packed_ids(first, len(block)), CODEC.quantize(block))
            first += len(block)
        unfinished = self.path.with_suffix(".part")
        snapshot.write(unfinished, CODEC, watermark_ms=0, rows=rows, users=UserRows(CODEC.size))
        unfinished.replace(self.path)

    def to_be_consumed(self) -> Path:
        """A second link to the file, because the gallery unlinks the file that it gets."""
        link = self.path.with_suffix(f".{uuid.uuid4().hex}")
        os.link(self.path, link)
        return link


def _packed_ids(first: int, count: int) -> bytes:
    numbers = np.arange(first, first + count, dtype=np.uint64)
    halves = np.empty((count, 2), ">u8")
    halves[:, 0] = numbers * np.uint64(_SCATTER)
    halves[:, 1] = numbers
    return halves.tobytes()
