"""Snapshot: a collection's arrays as one file, which the compactor writes and a cold function maps.

    magic, 8 bytes | length of the header, 4 bytes | the header, JSON | zeros up to 4,096 bytes
    ids: first halves, n x uint64; second halves, n x uint64 (ascending)
    codes: n x size int8
    users: m x int64 versions; m x size int8 codes; names, one a line

Numbers are little-endian. The header holds the counts and names the codec of the codes: its model,
its size and its scale. It ends with its own CRC-32. A file that was cut short, or whose codes are
another codec's, is refused. Version 0.1.0 wrote the same file under another magic, without naming
the codec; it is read as that of the one model there was.
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

from semblance.embedding.codec import UNMARKED, Codec
from semblance.gallery.rows import Rows
from semblance.gallery.segments import Ids, Segment
from semblance.gallery.users import UserRows, UserVectors

_MAGIC = b"SEMBGAL2"
_UNMARKED_MAGIC = b"SEMBGAL1"
"""Of a snapshot whose header does not name the codec."""
_LENGTH = struct.Struct("<I")
HEADER_BYTES = 4_096
_UNMARKED_FIELDS = {
    "model_id": UNMARKED.model_id,
    "size": UNMARKED.size,
    "largest": UNMARKED.largest,
}


class SnapshotError(ValueError):
    """The file is no snapshot that this version can read."""


class Header(NamedTuple):
    watermark_ms: int
    """A reader of the snapshot applies all changes stamped then or later."""
    faces: int
    users: int
    names_bytes: int
    """Length of the users' names, one a line."""
    model_id: str
    size: int
    """Bytes in a code."""
    largest: float
    """The codec's."""

    @property
    def file_bytes(self) -> int:
        faces = self.faces * (16 + self.size)
        return HEADER_BYTES + faces + self.users * (8 + self.size) + self.names_bytes

    def require(self, codec: Codec) -> None:
        """Raises SnapshotError when the codes are another codec's."""
        found = (self.model_id, self.size, self.largest)
        wanted = (codec.model_id, codec.size, codec.largest)
        if found != wanted:
            raise SnapshotError(
                f"its codes are of {_codec_name(*found)}, not {_codec_name(*wanted)}"
            )


class SnapshotContent(NamedTuple):
    header: Header
    faces: Segment
    users: UserVectors


def write(path: Path, codec: Codec, *, watermark_ms: int, rows: Rows, users: UserRows) -> Header:
    """Writes the living rows in ascending order of their ids, and the users that have faces.

    `codec`: the one that made their codes.
    """
    ids, blocks = rows.in_order()
    vectors = users.living()
    names = "\n".join(vectors.names).encode()
    header = Header(
        watermark_ms,
        faces=len(ids.high),
        users=len(vectors.names),
        names_bytes=len(names),
        model_id=codec.model_id,
        size=codec.size,
        largest=codec.largest,
    )
    with path.open("wb") as file:
        file.write(_packed(header))
        for array in (ids.high, ids.low, *blocks, vectors.versions, vectors.codes):
            file.write(np.ascontiguousarray(array).data)
        file.write(names)
    return header


def read_header(start: bytes) -> Header:
    """`start`: the first HEADER_BYTES of a file. Raises SnapshotError."""
    if len(start) < HEADER_BYTES or not start.startswith((_MAGIC, _UNMARKED_MAGIC)):
        raise SnapshotError("not a snapshot that this version can read")
    begin = len(_MAGIC) + _LENGTH.size
    (length,) = _LENGTH.unpack_from(start, len(_MAGIC))
    text = start[begin : begin + length]
    if length > HEADER_BYTES - begin - _LENGTH.size or start[
        begin + length : begin + length + _LENGTH.size
    ] != _checksum(text):
        raise SnapshotError("a broken header")
    fields: dict[str, Any] = json.loads(text)
    if start.startswith(_UNMARKED_MAGIC):
        fields |= _UNMARKED_FIELDS
    if fields.keys() != set(Header._fields):
        raise SnapshotError("a header of another version")
    return Header(**fields)


def open_mapped(path: Path, codec: Codec | None = None) -> SnapshotContent:
    """Arrays over the file's own pages, copied on write: changes to them stay in this process.

    The file may be unlinked at once: the mapping keeps it. `codec`: refuse the codes of any other.
    Raises SnapshotError.
    """
    with path.open("rb") as file:
        header = read_header(file.read(HEADER_BYTES))
        if codec is not None:
            header.require(codec)
        if os.fstat(file.fileno()).st_size != header.file_bytes:
            raise SnapshotError("cut short")
        memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return _Arrays(memory, header.size).snapshot(header)


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
            header, Segment(ids, codes), UserVectors(names, versions, user_codes)
        )

    def _take_codes(self, count: int) -> NDArray[np.int8]:
        return self._take(count * self._size, "i1").reshape(-1, self._size)

    def _take(self, count: int, kind: DTypeLike) -> NDArray[Any]:
        array: NDArray[Any] = np.frombuffer(self._memory, kind, count, self._offset)
        self._offset += array.nbytes
        return array


def _codec_name(model_id: str, size: int, largest: float) -> str:
    return f"{model_id} ({size} numbers to {largest})"


def _packed(header: Header) -> bytes:
    text = json.dumps(header._asdict()).encode()
    start = _MAGIC + _LENGTH.pack(len(text)) + text + _checksum(text)
    return start.ljust(HEADER_BYTES, b"\0")


def _checksum(text: bytes) -> bytes:
    return _LENGTH.pack(zlib.crc32(text))
