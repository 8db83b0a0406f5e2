"""Snapshot: a collection's arrays as one file, which the compactor writes and a cold function maps.

    magic, 8 bytes | length of the header, 4 bytes | the header, JSON | zeros up to 4,096 bytes
    ids: first halves, n x uint64; second halves, n x uint64 (ascending)
    codes: n x size int8
    users: m x int64 versions; m x size int8 codes; names, one a line

Numbers are little-endian; `size` is that of the model's embeddings. The header holds the counts and
ends with its own CRC-32: a file that was cut short, or that another version wrote, is refused.
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
    """A reader of the snapshot applies all changes stamped then or later."""
    faces: int
    users: int
    names_bytes: int
    """Length of the users' names, one a line."""

    def file_bytes(self, size: int) -> int:
        """Length of the file, when each code has `size` bytes."""
        faces = self.faces * (16 + size)
        return HEADER_BYTES + faces + self.users * (8 + size) + self.names_bytes


class SnapshotContent(NamedTuple):
    watermark_ms: int
    faces: Segment
    users: UserVectors


def write(path: Path, *, watermark_ms: int, rows: Rows, users: UserRows) -> Header:
    """Writes the living rows in ascending order of their ids, and the users that have faces."""
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
    """`start`: the first HEADER_BYTES of a file. Raises SnapshotError."""
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


def open_mapped(path: Path, size: int) -> SnapshotContent:
    """Arrays over the file's own pages, copied on write: changes to them stay in this process.

    The file may be unlinked at once: the mapping keeps it. `size`: bytes in a code. Raises
    SnapshotError.
    """
    with path.open("rb") as file:
        header = read_header(file.read(HEADER_BYTES))
        if os.fstat(file.fileno()).st_size != header.file_bytes(size):
            raise SnapshotError("cut short")
        memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return _Arrays(memory, size).snapshot(header)


class _Arrays:
    """Takes arrays from a mapping, one after the other."""

    def __init__(self, memory: mmap.mmap, size: int) -> None:
        self._memory = memory
        self._size = size
        self._offset = HEADER_BYTES

    def snapshot(self, header: Header) -> SnapshotContent:
        ids = Ids(self._take(header.faces, "<u8"), self._take(header.faces, "<u8"))
        codes = self._take_codes(header.faces)
        versions = self._take(header.users, "<i8")
        user_codes = self._take_codes(header.users)
        names = self._memory[self._offset :].decode().split("\n") if header.users else []
        return SnapshotContent(
            header.watermark_ms, Segment(ids, codes), UserVectors(names, versions, user_codes)
        )

    def _take_codes(self, count: int) -> NDArray[np.int8]:
        return self._take(count * self._size, "i1").reshape(-1, self._size)

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
