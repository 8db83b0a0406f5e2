"""JPEG files taken apart into their segments, changed, and put together again."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from typing import NamedTuple

from semblance.vision.picture.containers import EOI, FRAMES, NEXT_MARKER, SOS
from tests.fuzz.mangling import mangled

DHT, DQT, DRI, DNL, COM = 0xC4, 0xDB, 0xDD, 0xDC, 0xFE
APP0, APP1, APP2, APP13, APP14 = 0xE0, 0xE1, 0xE2, 0xED, 0xEE
SIDES = (
    0, 1, 7, 8, 79, 80, 81, 84, 85, 96, 251, 252, 253, 256, 1000, 2000, 9999, 10_000, 10_001,
    32_767, 32_768, 65_500, 65_535,
)  # fmt: skip
_MOST_ADDED_BYTES = 4_000_000


class Segment(NamedTuple):
    marker: int
    payload: bytes
    pixels: bytes = b""
    """The entropy-coded data after the header of a scan."""
    length: int | None = None
    """The stated length, where it is false."""


Segments = list[Segment]


def parsed(file: bytes) -> Segments:
    """The segments of a valid file, up to the end of its first picture."""
    segments, position = [], 2
    while (marker := file[position + 1]) != EOI:
        (length,) = struct.unpack_from(">H", file, position + 2)
        payload = file[position + 4 : position + 2 + length]
        position += 2 + length
        end = position
        if marker == SOS:
            found = NEXT_MARKER.search(file, position)
            end = found.start() if found else len(file)
        segments.append(Segment(marker, payload, file[position:end]))
        position = end
    return segments


def joined(segments: Segments) -> bytes:
    return b"\xff\xd8" + b"".join(map(_written, segments)) + b"\xff\xd9"


def _written(segment: Segment) -> bytes:
    length = len(segment.payload) + 2 if segment.length is None else segment.length
    head = struct.pack(">BBH", 0xFF, segment.marker, min(length, 0xFFFF))
    return head + segment.payload + segment.pixels


def restructured(luck: random.Random, file: bytes) -> tuple[str, bytes]:
    name = luck.choice(list(_CHANGES))
    segments = _CHANGES[name](luck, parsed(file))
    return name, segments if isinstance(segments, bytes) else joined(segments)


def many_scans(file: bytes, scans: int) -> bytes:
    """The last scan of a progressive picture, repeated."""
    segments = parsed(file)
    return joined([*segments, *[segments[-1]] * scans])


def _of(segments: Segments, *markers: int) -> list[int]:
    return [place for place, segment in enumerate(segments) if segment.marker in markers]


def _changed(segments: Segments, place: int, change: Callable[[bytearray], None]) -> Segments:
    payload = bytearray(segments[place].payload)
    change(payload)
    return _put(segments, place, segments[place]._replace(payload=bytes(payload)))


def _put(segments: Segments, place: int, *new: Segment) -> Segments:
    return [*segments[:place], *new, *segments[place + 1 :]]


def _add(luck: random.Random, segments: Segments, *new: Segment) -> Segments:
    """Inserts the segments before the first scan."""
    place = luck.randrange(_of(segments, SOS)[0] + 1)
    return [*segments[:place], *new, *segments[place:]]


def _frame(segments: Segments) -> int:
    return _of(segments, *FRAMES)[0]


def _size(luck: random.Random, segments: Segments) -> Segments:
    sides = luck.choice(SIDES), luck.choice(SIDES)
    place, form = luck.choice(((1, ">H"), (3, ">H"), (1, ">HH")))
    values = sides[: len(form) - 1]
    return _changed(segments, _frame(segments), lambda p: struct.pack_into(form, p, place, *values))


def _frame_type(luck: random.Random, segments: Segments) -> Segments:
    """Progressive as baseline, arithmetic coding, lossless, and frame types nobody decodes."""
    place = _frame(segments)
    marker = luck.choice(sorted(FRAMES | {0xC8, 0xCC}))
    return _put(segments, place, segments[place]._replace(marker=marker))


def _frame_fields(luck: random.Random, segments: Segments) -> Segments:
    """Precision, number of components, their ids, sampling factors and tables."""

    def change(payload: bytearray) -> None:
        for _ in range(luck.choice((1, 1, 2))):
            place = luck.choice((0, *range(5, len(payload))))
            payload[place] = luck.choice(
                (0, 1, 2, 3, 4, 5, 8, 12, 16, 0x11, 0x22, 0x44, 0x41, 0xFF)
            )

    return _changed(segments, _frame(segments), change)


def _second_frame(luck: random.Random, segments: Segments) -> Segments:
    frame = segments[_frame(segments)]
    other = _size(luck, [frame])[0] if luck.random() < 0.8 else frame
    if luck.random() < 0.3:
        other = _frame_type(luck, [other])[0]
    place = luck.randrange(len(segments) + 1)
    return [*segments[:place], other, *segments[place:]]


def _scan_fields(luck: random.Random, segments: Segments) -> Segments:
    def change(payload: bytearray) -> None:
        payload[luck.randrange(len(payload))] = luck.choice((0, 1, 2, 3, 4, 5, 63, 64, 0x11, 255))

    return _changed(segments, luck.choice(_of(segments, SOS)), change)


def _scans(luck: random.Random, segments: Segments) -> Segments:
    """One of the scans again, up to a thousand times, or the scans in another order."""
    scans = _of(segments, SOS)
    if luck.random() < 0.3:
        places = luck.sample(scans, len(scans))
        return [*segments[: scans[0]], *(segments[place] for place in places)]
    again = segments[luck.choice(scans)]
    if luck.random() < 0.5:
        again = again._replace(pixels=again.pixels[: luck.randrange(40)])
    return [*segments, *[again] * luck.choice((1, 3, 30, 1000))]


def _tables(luck: random.Random, segments: Segments) -> Segments:
    """Huffman and quantisation tables: changed, missing, repeated."""
    place = luck.choice(_of(segments, DHT, DQT))
    change = luck.choice(("bytes", "missing", "repeated", "short", "full"))
    if change == "missing":
        return _put(segments, place)
    if change == "repeated":
        return _put(segments, place, *[segments[place]] * luck.choice((2, 5000)))
    if change == "bytes":
        return _changed(segments, place, lambda p: p.__setitem__(luck.randrange(len(p)), 255))
    payload = segments[place].payload
    payload = (
        payload[: luck.randrange(len(payload))]
        if change == "short"
        else payload[:1] + b"\xff" * 400
    )
    return _put(segments, place, segments[place]._replace(payload=payload))


def _lengths(luck: random.Random, segments: Segments) -> Segments:
    place = luck.randrange(len(segments))
    right = len(segments[place].payload) + 2
    lie = luck.choice((0, 1, 2, 3, right - 1, right + 1, right + 300, 0xFFFF))
    return _put(segments, place, segments[place]._replace(length=lie))


def _missing(luck: random.Random, segments: Segments) -> Segments:
    return _put(segments, luck.randrange(len(segments)))


def _reordered(luck: random.Random, segments: Segments) -> Segments:
    return luck.sample(segments, len(segments))


def _restarts(luck: random.Random, segments: Segments) -> Segments:
    """A restart interval that the data does not keep, and markers where none belong."""
    interval = Segment(DRI, struct.pack(">H", luck.choice((0, 1, 2, 7, 33, 65_535))))
    segments = _add(luck, segments, *[interval] * luck.choice((1, 1, 300)))
    place = luck.choice(_of(segments, SOS))
    pixels = bytearray(segments[place].pixels)
    for _ in range(luck.choice((0, 1, 8, 2000))):
        at = luck.randrange(len(pixels) + 1)
        pixels[at:at] = bytes((0xFF, 0xD0 + luck.randrange(8)))
    return _put(segments, place, segments[place]._replace(pixels=bytes(pixels)))


def _pixels(luck: random.Random, segments: Segments) -> Segments:
    place = luck.choice(_of(segments, SOS))
    pixels = segments[place].pixels
    made = luck.choice(
        (
            lambda: mangled(luck, pixels)[1],
            lambda: luck.randbytes(len(pixels)).replace(b"\xff", b"\xff\x00"),
            lambda: b"",
            lambda: bytes(len(pixels)),
            lambda: b"\xff\x00" * 5000,
            lambda: b"\xff" * 20_000,
            lambda: pixels * 20,
        )
    )()
    return _put(segments, place, segments[place]._replace(pixels=made))


def _exif(luck: random.Random, segments: Segments) -> Segments:
    order = luck.choice(("<", ">"))
    entries = [_tag(luck, order) for _ in range(luck.choice((0, 1, 1, 5, 5000)))]
    count = luck.choice((len(entries), 0, 65_535))
    directory = struct.pack(f"{order}H", count % 65_536) + b"".join(entries)
    at = luck.choice((8, 8, 8, 0, 7, 60_000, 2**31, 2**32 - 1))
    behind = struct.pack(
        f"{order}I", luck.choice((0, 8, 2**32 - 1))
    )  # the offset of the next directory, which may be this one
    mark = {"<": b"II*\x00", ">": b"MM\x00*"}[order]
    block = b"Exif\x00\x00" + mark + struct.pack(f"{order}I", at) + directory + behind
    if luck.random() < 0.3:
        block = mangled(luck, block)[1]
    return _add(luck, segments, *[Segment(APP1, block[:65_533])] * luck.choice((1, 1, 2, 40)))


def _tag(luck: random.Random, order: str) -> bytes:
    tag = luck.choice((0x0112, 0x0112, 0x8769, 0x8825, 0x0201, 0x0202, 0x927C, 0, 0xFFFF))
    kind = luck.choice((3, 3, 4, 0, 2, 5, 7, 13, 255))
    count, value = (
        luck.choice((1, 1, 0, 2**32 - 1)),
        luck.choice((0, 1, 6, 8, 9, 65_535, 2**32 - 1)),
    )
    if order == ">" and kind == 3:
        value = value << 16 & 0xFFFF_FFFF
    return struct.pack(f"{order}HHII", tag, kind, count, value)


def _application(luck: random.Random, segments: Segments) -> Segments:
    """Application segments as programs write them: Pillow reads some, and each may be false."""
    made = luck.choice(
        (
            lambda: Segment(APP0, b"JFIF\x00" + luck.randbytes(9)),
            lambda: Segment(APP0, b"JFIF\x00\x01\x01\x00\x00\x00\x00\x00\xff\xff"),
            lambda: Segment(APP0, b"JFXX\x00\x10" + luck.randbytes(50)),
            lambda: Segment(APP14, b"Adobe\x00\x64\x00\x00\x00\x00" + bytes([luck.randrange(4)])),
            lambda: Segment(APP14, b"Adobe" + luck.randbytes(luck.randrange(12))),
            lambda: Segment(APP2, b"ICC_PROFILE\x00" + luck.randbytes(luck.randrange(600))),
            lambda: Segment(APP2, b"ICC_PROFILE\x00" + bytes((luck.randrange(5), 3)) + bytes(900)),
            lambda: Segment(APP2, b"MPF\x00" + luck.randbytes(luck.randrange(90))),
            lambda: Segment(APP2, b"MPF\x00MM\x00*\x00\x00\x00\x08\xff\xff" + luck.randbytes(60)),
            lambda: Segment(APP13, b"Photoshop 3.0\x008BIM\x04\x04" + luck.randbytes(30)),
            lambda: Segment(APP13, b"Photoshop 3.0\x008BIM\x03\xed\x00\x00\xff\xff\xff\xff"),
            lambda: Segment(APP1, b"http://ns.adobe.com/xap/1.0/\x00" + b"<x>" * 20_000),
            lambda: Segment(COM, luck.randbytes(luck.choice((0, 3, 60_000)))),
            lambda: Segment(0xE0 + luck.randrange(16), b""),
            lambda: Segment(
                luck.choice((0xF0, 0xFD, 0x01, 0x02, 0xBF, 0xDE, 0xDF)), luck.randbytes(9)
            ),
        )
    )()
    again = min(luck.choice((1, 1, 2, 255, 8000)), _MOST_ADDED_BYTES // (len(made.payload) + 4))
    return _add(luck, segments, *[made] * again)


def _line_count(luck: random.Random, segments: Segments) -> Segments:
    """The height given after the first scan, as DNL allows."""
    rest = _changed(segments, _frame(segments), lambda p: struct.pack_into(">H", p, 1, 0))
    told = Segment(DNL, struct.pack(">H", luck.choice(SIDES)))
    place = _of(rest, SOS)[0] + 1
    return [*rest[:place], told, *rest[place:]]


def _fill(luck: random.Random, segments: Segments) -> bytes:
    """Bytes between the segments: fill bytes, which are allowed, and others, which are not."""
    filler = luck.choice(
        (b"\xff", b"\xff" * 30_000, b"\x00", b"\xff\x00", b"\xff\xd8", b"\xff\xd9")
    )
    file = bytearray(b"\xff\xd8")
    for segment in segments:
        if luck.random() < 0.3:
            file += filler
        file += _written(segment)
    return bytes(file) + b"\xff\xd9"


def _no_end(luck: random.Random, segments: Segments) -> bytes:
    file = joined(segments)[:-2]
    return file + luck.choice((b"", b"\xff", b"\x00\x00", b"\xff\xd8", bytes(100_000)))


_CHANGES: dict[str, Callable[[random.Random, Segments], Segments | bytes]] = {
    "size": _size,
    "frame type": _frame_type,
    "frame": _frame_fields,
    "second frame": _second_frame,
    "scan header": _scan_fields,
    "scans": _scans,
    "tables": _tables,
    "lengths": _lengths,
    "segment missing": _missing,
    "order": _reordered,
    "restarts": _restarts,
    "pixels": _pixels,
    "EXIF": _exif,
    "application data": _application,
    "line count": _line_count,
    "fill": _fill,
    "no end": _no_end,
}
