"""PNG files taken apart into their chunks, changed, and put together with valid checksums, so that
the checksum is not the reason for every refusal."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from semblance.vision.picture.containers import PNG_START
from tests.fuzz.mangling import mangled
from tests.vision.pictures import png_chunk

DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""The allowed bits a channel, by colour type."""
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)
)  # fmt: skip
"""For each pass: its first column and row, and its steps."""
SIDES = (
    0, 1, 7, 79, 80, 81, 84, 96, 128, 251, 253, 255, 256, 1000, 2000, 9999, 10_000, 10_001, 32_767,
    65_535, 65_536, 2**31 - 1, 2**31, 2**32 - 1,
)  # fmt: skip


class Chunk(NamedTuple):
    kind: bytes
    content: bytes


Chunks = list[Chunk]


def drawn(width: int, height: int, depth: int, colour: int, interlaced: bool) -> bytes:
    """Colour types and depths that Pillow does not write, with all five filters in turn."""
    bits = depth * CHANNELS[colour]
    rows = b"".join(_rows(width, height, bits, interlaced))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    palette = [Chunk(b"PLTE", bytes(range(3 * min(2**depth, 85))))] if colour == 3 else []
    pixels = Chunk(b"IDAT", zlib.compress(rows, 1))
    return joined([Chunk(b"IHDR", header), *palette, pixels, Chunk(b"IEND", b"")])


def flat(width: int, height: int, depth: int, colour: int, interlaced: bool = False) -> bytes:
    """A picture of one colour in very few bytes, as large as its header says."""
    bits = depth * CHANNELS[colour]
    pixels = zlib.compressobj(9)
    packed = [
        pixels.compress(b"\x00" + bytes(n)) for n in _row_bytes(width, height, bits, interlaced)
    ]
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    palette = [Chunk(b"PLTE", bytes(range(6)))] if colour == 3 else []
    idat = Chunk(b"IDAT", b"".join(packed) + pixels.flush())
    return joined([Chunk(b"IHDR", header), *palette, idat, Chunk(b"IEND", b"")])


def _rows(width: int, height: int, bits: int, interlaced: bool) -> Iterator[bytes]:
    pattern = bytes(range(0, 256, 3)) * 16
    for number, length in enumerate(_row_bytes(width, height, bits, interlaced)):
        yield bytes([number % 5]) + pattern[number % 80 :][:length].ljust(length, b"\x55")


def _row_bytes(width: int, height: int, bits: int, interlaced: bool) -> Iterator[int]:
    for x, y, dx, dy in ADAM7 if interlaced else ((0, 0, 1, 1),):
        across, down = len(range(x, width, dx)), len(range(y, height, dy))
        if across:
            yield from [(across * bits + 7) // 8] * down


def parsed(file: bytes) -> Chunks:
    """The chunks of a valid file."""
    chunks, position = [], len(PNG_START)
    while position < len(file):
        length, kind = struct.unpack_from(">I4s", file, position)
        chunks.append(Chunk(kind, file[position + 8 : position + 8 + length]))
        position += 12 + length
    return chunks


def joined(chunks: Chunks) -> bytes:
    return PNG_START + b"".join(png_chunk(*chunk) for chunk in chunks)


def restructured(luck: random.Random, file: bytes) -> tuple[str, bytes]:
    name = luck.choice(list(_CHANGES))
    chunks = _CHANGES[name](luck, parsed(file))
    return name, chunks if isinstance(chunks, bytes) else joined(chunks)


def _header_with(chunks: Chunks, **fields: int) -> Chunks:
    names = ("width", "height", "depth", "colour", "compression", "filters", "interlaced")
    values = dict(zip(names, struct.unpack(">IIBBBBB", chunks[0].content), strict=True)) | fields
    return [Chunk(b"IHDR", struct.pack(">IIBBBBB", *values.values())), *chunks[1:]]


def _size(luck: random.Random, chunks: Chunks) -> Chunks:
    sides = {
        name: luck.choice(SIDES)
        for name in luck.choice((("width",), ("height",), ("width", "height")))
    }
    return _header_with(chunks, **sides)


def _near_size(luck: random.Random, chunks: Chunks) -> Chunks:
    """A size so near the real one that most of the pixels fit."""
    width, height = struct.unpack_from(">II", chunks[0].content)
    return _header_with(
        chunks,
        width=width + luck.choice((-3, -1, 0, 1, 5)),
        height=height + luck.choice((-1, 1, 9)),
    )


def _pixel_type(luck: random.Random, chunks: Chunks) -> Chunks:
    field = luck.choice(("depth", "colour", "compression", "filters", "interlaced"))
    return _header_with(
        chunks, **{field: luck.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 32, 255))}
    )


def _header_bytes(luck: random.Random, chunks: Chunks) -> Chunks:
    content = luck.choice((b"", chunks[0].content[:7], chunks[0].content + b"\x00" * 9, bytes(13)))
    return [Chunk(b"IHDR", content), *chunks[1:]]


def _pixels(luck: random.Random, chunks: Chunks) -> Chunks:
    """Pixels inflated, changed and deflated again: faulty input for the decoder behind zlib."""
    if _pixel_data(chunks) == b"":
        return chunks
    raw = zlib.decompress(_pixel_data(chunks))
    made = luck.choice(
        (
            lambda: mangled(luck, raw)[1],
            lambda: raw[: luck.randrange(len(raw))],
            lambda: raw + bytes(luck.choice((1, 1000, 3_000_000))),
            lambda: bytes(
                byte if luck.random() < 0.99 else luck.randrange(256) for byte in raw[:9000]
            ),
            lambda: b"",
        )
    )()
    return _with_pixels(chunks, zlib.compress(made, luck.choice((0, 1, 9))))


def _deflate(luck: random.Random, chunks: Chunks) -> Chunks:
    """Pixel data without zlib's format, or with wrong parts in it."""
    data = _pixel_data(chunks)
    made = luck.choice(
        (
            lambda: mangled(luck, data)[1],
            lambda: luck.randbytes(len(data)),
            lambda: data[2:],
            lambda: data[:-4] + bytes(4),
            lambda: b"\x78\x9c" + b"\x00\x00\x00\xff\xff" * 3000,
            lambda: b"\x78\x9c" + bytes([luck.randrange(256)]) * 500,
            lambda: data + data,
        )
    )()
    return _with_pixels(chunks, made)


def _split(luck: random.Random, chunks: Chunks) -> Chunks:
    """The pixels in thousands of chunks, some of them empty."""
    data = _pixel_data(chunks)[:8000]
    size = luck.choice((1, 2, 7, 100))
    cuts = [*range(0, len(data), size), len(data)]
    parts = [Chunk(b"IDAT", data[a:b]) for a, b in pairwise(cuts)]
    empty = [Chunk(b"IDAT", b"")] * luck.choice((0, 0, 1, 5000))
    place = luck.randrange(len(parts) + 1)
    return _with_chunks(chunks, parts[:place] + empty + parts[place:])


def _repeated(luck: random.Random, chunks: Chunks) -> Chunks:
    chunk = luck.choice(chunks)
    place = luck.randrange(len(chunks) + 1)
    again = luck.choice((1, 1, 2, 3000)) if len(chunk.content) < 2000 else 1
    return chunks[:place] + [chunk] * again + chunks[place:]


def _second_header(luck: random.Random, chunks: Chunks) -> Chunks:
    other = _size(luck, chunks)[0]
    place = luck.randrange(1, len(chunks) + 1)
    return [*chunks[:place], other, *chunks[place:]]


def _missing(luck: random.Random, chunks: Chunks) -> Chunks:
    place = luck.randrange(len(chunks))
    return chunks[:place] + chunks[place + 1 :]


def _reordered(luck: random.Random, chunks: Chunks) -> Chunks:
    return luck.sample(chunks, len(chunks))


def _palette(luck: random.Random, chunks: Chunks) -> Chunks:
    content = bytes(luck.choice((0, 1, 2, 3, 4, 767, 768, 769, 771, 100_000)))
    clear = Chunk(b"tRNS", bytes(luck.choice((0, 1, 2, 5, 6, 256, 257, 9000))))
    added = luck.sample([Chunk(b"PLTE", content), clear], luck.choice((1, 2)))
    return [chunks[0], *added, *(chunk for chunk in chunks[1:] if chunk.kind != b"PLTE")]


def _metadata(luck: random.Random, chunks: Chunks) -> Chunks:
    added = [_metadatum(luck) for _ in range(luck.choice((1, 1, 3)))]
    place = luck.randrange(1, len(chunks) + 1)
    again = luck.choice((1, 1, 2000)) if len(joined(added)) < 2000 else 1
    return chunks[:place] + added * again + chunks[place:]


def _metadatum(luck: random.Random) -> Chunk:
    kind = luck.choice(
        (b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf", b"pHYs", b"gAMA", b"cHRM", b"sRGB", b"tIME",
         b"sBIT", b"bKGD", b"hIST", b"sPLT", b"acTL", b"fcTL", b"fdAT", b"caBX", b"ABCD", b"abcd",
         b"\x00\x00\x00\x00", b"IDAX", b"\xff\xfe\xfd\xfc")
    )  # fmt: skip
    content = luck.choice(
        (b"", b"\x00", b"name\x00\x00", bytes(26), luck.randbytes(40), b"a" * 70_000)
    )
    return Chunk(kind, content)


def _animated(luck: random.Random, chunks: Chunks) -> Chunks:
    """Very many animation frames, of any size and place."""
    frames = luck.choice((0, 1, 2**31 - 1, 2**32 - 1))
    control = Chunk(b"acTL", struct.pack(">II", frames, luck.choice((0, 2**32 - 1))))
    place = [luck.choice(SIDES) for _ in range(4)]
    frame = Chunk(b"fcTL", struct.pack(">IIIIIHHBB", luck.choice((0, 7)), *place, 1, 0, 9, 9))
    data = Chunk(b"fdAT", struct.pack(">I", 1) + _pixel_data(chunks)[:500])
    some = [frame, data] * luck.choice((0, 1, 500))
    return [chunks[0], control, *some, *chunks[1:-1], *some, chunks[-1]]


def _bomb(luck: random.Random, chunks: Chunks) -> Chunks:
    """Texts and profiles that inflate to hundreds of megabytes, and pixels that do."""
    bomb = zlib.compress(bytes(luck.choice((10, 100)) * 2**20), 9)
    kind = luck.choice((b"zTXt", b"iTXt", b"iCCP", b"IDAT"))
    if kind == b"IDAT":
        return _with_pixels(chunks, bomb)
    head = b"name\x00\x01\x00\x00\x00" if kind == b"iTXt" else b"name\x00\x00"
    added = [Chunk(kind, head + bomb)] * luck.choice((1, 5))
    place = luck.choice((1, len(chunks) - 1))
    return chunks[:place] + added + chunks[place:]


def _lengths(luck: random.Random, chunks: Chunks) -> bytes:
    """Lengths that are not those of the chunks."""
    file = bytearray(joined(chunks))
    starts, position = [], len(PNG_START)
    for chunk in chunks:
        starts.append(position)
        position += 12 + len(chunk.content)
    at = luck.choice(starts)
    (length,) = struct.unpack_from(">I", file, at)
    lies = (0, 1, length + 1, max(length - 1, 0), 2**31 - 1, 2**31, 2**32 - 1, len(file))
    struct.pack_into(">I", file, at, luck.choice(lies))
    return bytes(file)


def _checksums(luck: random.Random, chunks: Chunks) -> bytes:
    file = bytearray(joined(chunks))
    position = len(PNG_START)
    for chunk in chunks:
        position += 12 + len(chunk.content)
        if luck.random() < 0.4:
            file[position - 1] ^= 1
    return bytes(file)


def _pixel_data(chunks: Chunks) -> bytes:
    return b"".join(chunk.content for chunk in chunks if chunk.kind == b"IDAT")


def _with_pixels(chunks: Chunks, data: bytes) -> Chunks:
    return _with_chunks(chunks, [Chunk(b"IDAT", data)])


def _with_chunks(chunks: Chunks, pixels: Chunks) -> Chunks:
    """The chunks with these in place of the first pixel chunks."""
    others = [chunk for chunk in chunks if chunk.kind != b"IDAT"]
    place = next((i for i, c in enumerate(chunks) if c.kind == b"IDAT"), len(others))
    return others[:place] + pixels + others[place:]


_CHANGES: dict[str, Callable[[random.Random, Chunks], Chunks | bytes]] = {
    "size": _size,
    "size, nearly": _near_size,
    "pixel type": _pixel_type,
    "header": _header_bytes,
    "pixels": _pixels,
    "deflate": _deflate,
    "split": _split,
    "chunk repeated": _repeated,
    "second header": _second_header,
    "chunk missing": _missing,
    "order": _reordered,
    "palette": _palette,
    "metadata": _metadata,
    "animation": _animated,
    "bomb": _bomb,
    "lengths": _lengths,
    "checksums": _checksums,
}
