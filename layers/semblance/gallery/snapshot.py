"""A collection's arrays as one file: written by the compactor, mapped by a function that starts.

    magic, 8 bytes | length of the header, 4 bytes | the header, JSON | zeros up to 4,096 bytes
    ids: first halves, n x uint64; second halves, n x uint64 (ascending)
    codes: n x 160 int8
    users: m x int64 versions; m x 160 int8 codes; names, one a line

Numbers are little-endian. The header says how many there are, and the CRC-32 of itself is its
last word: a file that was cut short or is another version's is refused, never half read.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from semblance.embedding.codec import DIMENSIONS
from semblance.gallery.rows import Rows
from semblance.gallery.segments import Ids, Segment
from semblance.gallery.users import UserRows, UserVectors

_MAGIC = b"SEMBGAL1"
_LENGTH = struct.Struct("<I")
HEADER_BYTES = 4_096


class SnapshotError(ValueError):
    """The file is no snapshot that this version can read."""


class Header(NamedTuple):
    watermark_ms: int
    """Whoever reads the snapshot applies all changes stamped then or later."""
    faces: int
    users: int
    names_bytes: int
    """Of the users' names."""

    @property
    def size_bytes(self) -> int:
        """Of the whole file."""
        faces = self.faces * (16 + DIMENSIONS)
        return HEADER_BYTES + faces + self.users * (8 + DIMENSIONS) + self.names_bytes


class Snapshot(NamedTuple):
    watermark_ms: int
    faces: Segment
    users: UserVectors


def write(path: Path, *, watermark_ms: int, rows: Rows, users: UserRows) -> Header:
    """What is alive, in ascending order of the ids."""
    ids, blocks = rows.in_order()
    vectors = users.living()
    names = "\n".join(vectors.names).encode()
    header = Header(watermark_ms, len(ids.high), len(vectors.names), len(names))
    with path.open("wb") as file:
        file.write(_packed(header))
        for array in (ids.high, ids.low, *blocks, vectors.versions, vectors.codes):
            file.write(np.ascontiguousarray(array).data)
        file.write(names)
    return header


def read_header(start: bytes) -> Header:
    """From the first HEADER_BYTES of a file. Raises SnapshotError."""
    if len(start) < HEADER_BYTES or not start.startswith(_MAGIC):
        raise SnapshotError("not a snapshot")
    begin = len(_MAGIC) + _LENGTH.size
    (length,) = _LENGTH.unpack_from(start, len(_MAGIC))
    text = start[begin : begin + length]
    if length > HEADER_BYTES - begin - _LENGTH.size or start[
        begin + length : begin + length + _LENGTH.size
    ] != _checksum(text):
        raise SnapshotError("a broken header")
    fields: dict[str, Any] = json.loads(text)
    return Header(**fields)


def open_mapped(path: Path) -> Snapshot:
    """Its arrays lie in the file's pages; what is changed in them stays in this process.

    The file may be unlinked at once: the mapping keeps it. Raises SnapshotError.
    """
    with path.open("rb") as file:
        header = read_header(file.read(HEADER_BYTES))
        if os.fstat(file.fileno()).st_size != header.size_bytes:
            raise SnapshotError("cut short")
        memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return _Arrays(memory).snapshot(header)


class _Arrays:
    """Takes arrays from a mapping, one behind the other."""

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory = memory
        self._offset = HEADER_BYTES

    def snapshot(self, header: Header) -> Snapshot:
        ids = Ids(self._take(header.faces, "<u8"), self._take(header.faces, "<u8"))
        codes = self._take(header.faces * DIMENSIONS, "i1").reshape(-1, DIMENSIONS)
        versions = self._take(header.users, "<i8")
        user_codes = self._take(header.users * DIMENSIONS, "i1").reshape(-1, DIMENSIONS)
        names = self._memory[self._offset :].decode().split("\n") if header.users else []
        return Snapshot(
            header.watermark_ms, Segment(ids, codes), UserVectors(names, versions, user_codes)
        )

    def _take(self, count: int, kind: DTypeLike) -> NDArray[Any]:
        array: NDArray[Any] = np.frombuffer(self._memory, kind, count, self._offset)
        self._offset += array.nbytes
        return array


def _packed(header: Header) -> bytes:
    text = json.dumps(header._asdict()).encode()
    start = _MAGIC + _LENGTH.pack(len(text)) + text + _checksum(text)
    return start.ljust(HEADER_BYTES, b"\0")


def _checksum(text: bytes) -> bytes:
    return _LENGTH.pack(zlib.crc32(text))
