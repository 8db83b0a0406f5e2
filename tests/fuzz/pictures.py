"""Hostile pictures, each in a request that makes the service read it."""

from __future__ import annotations

import functools
import json
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image

from tests.contract.well_formed import in_base64
from tests.fuzz import corpus, jpegs, pngs, wrappings
from tests.fuzz.cases import Case, chance
from tests.fuzz.json_text import MOST_BYTES
from tests.fuzz.mangling import mangled
from tests.vision import pictures as files
from tests.world.account import INPUT_BUCKET

KEY = "picture"
_LARGE_SHARE = 0.001
"""Each of the large pictures takes a second or two."""
_MOST_INLINE_BYTES = MOST_BYTES * 3 // 8
"""The largest inline picture: two of them in base64 still fit into a request."""
_MOST_BYTES = 16 * 2**20
"""Larger than any object that the service reads."""

Made = tuple[str, bytes]


def cases(of: int, count: int) -> Iterator[Case]:
    """`of` is the seed."""
    for number in range(count):
        luck = chance(of, "picture", number)
        kind = "large" if luck.random() < _LARGE_SHARE else _kind(luck)
        made, picture = _KINDS[kind][1](luck)
        yield _asked(luck, Case("pictures", number, kind, made, {}), picture[:_MOST_BYTES])


def _kind(luck: random.Random) -> str:
    return luck.choices(list(_KINDS), [share for share, _ in _KINDS.values()])[0]


def _asked(luck: random.Random, case: Case, picture: bytes) -> Case:
    """A request about the picture, mostly for its faces. A large picture comes from a bucket."""
    inline = len(picture) <= _MOST_INLINE_BYTES and luck.random() < 0.97
    objects = {} if inline else {KEY: picture}
    place = {"S3Object": {"Bucket": INPUT_BUCKET, "Name": KEY}}
    image = {"Bytes": in_base64(picture)} if inline else place
    operation, request = _question(luck, image)
    event = wrappings.plain(operation, json.dumps(request))
    return Case(case.part, case.number, case.kind, f"{operation}: {case.made}", event, objects)


def _question(luck: random.Random, image: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    draw = luck.random()
    if draw < 0.05:
        sound = {"Bytes": in_base64(corpus.jpeg("plain"))}
        pair = (image, sound) if draw < 0.025 else (sound, image)
        return "CompareFaces", dict(zip(("SourceImage", "TargetImage"), pair, strict=True))
    if draw < 0.1:
        return "IndexFaces", {"CollectionId": "staff", "Image": image, "QualityFilter": "NONE"}
    if draw < 0.3:
        return "SearchFacesByImage", {"CollectionId": "staff", "Image": image}
    attributes = {"Attributes": ["ALL"]} if draw < 0.6 else {}
    return "DetectFaces", {"Image": image} | attributes


def _any_jpeg(luck: random.Random) -> Made:
    name = luck.choice(list(corpus.JPEGS))
    return f"JPEG {name}", corpus.jpeg(name)


def _any_png(luck: random.Random) -> Made:
    name = luck.choice(list(corpus.PNGS))
    return f"PNG {name}", corpus.png(name)


def _sound(luck: random.Random) -> Made:
    return luck.choice((_any_jpeg, _any_png))(luck)


def _changed(
    sound: Callable[[random.Random], Made], change: Callable[[random.Random, bytes], Made]
) -> Callable[[random.Random], Made]:
    """Applies one change, or a few one after the other."""

    def make(luck: random.Random) -> Made:
        name, file = sound(luck)
        made, file = change(luck, file)
        return f"{name}; {made}", file

    return make


def _and_mangled(
    change: Callable[[random.Random, bytes], Made],
) -> Callable[[random.Random, bytes], Made]:
    """Every fourth file is mangled as well."""

    def make(luck: random.Random, file: bytes) -> Made:
        made, file = change(luck, file)
        if luck.random() < 0.75:
            return made, file
        more, file = mangled(luck, file)
        return f"{made}, {more}", file

    return make


def _spliced(luck: random.Random) -> Made:
    """The head of one file and the tail of another; or two files in one, as polyglots are."""
    (one, first), (other, second) = _sound(luck), _sound(luck)
    name = luck.choice(list(_SPLICES))
    return f"{one} {name} {other}", _SPLICES[name](luck, first, second)


_SPLICES: dict[str, Callable[[random.Random, bytes, bytes], bytes]] = {
    "cut into": lambda luck, a, b: a[: luck.randrange(len(a))] + b[luck.randrange(len(b)) :],
    "followed by": lambda _, a, b: a + b,
    "inside of": lambda luck, a, b: _inside(luck, a, b),
    "followed by a zip and": lambda _, a, b: a + b"PK\x03\x04" + b,
    "with the mark of": lambda luck, a, b: b[: luck.choice((2, 3, 4, 8))] + a[8:],
}


def _inside(luck: random.Random, file: bytes, host: bytes) -> bytes:
    """One picture in a comment or a text chunk of another."""
    if host.startswith(b"\xff\xd8"):
        hidden = jpegs.Segment(jpegs.COM, file[:65_000])
        return jpegs.joined([hidden, *jpegs.parsed(host)])
    return files.with_chunk(host, luck.choice((b"tEXt", b"IDAT", b"PLTE")), file)


def _no_picture(luck: random.Random) -> Made:
    name = luck.choice(list(_NO_PICTURES))
    return name, _NO_PICTURES[name](luck)


_NO_PICTURES: dict[str, Callable[[random.Random], bytes]] = {
    "one byte": lambda luck: luck.randbytes(1),
    "random": lambda luck: luck.randbytes(luck.choice((10, 1000, 100_000))),
    "JPEG mark, random": lambda luck: b"\xff\xd8\xff" + luck.randbytes(2000),
    "PNG mark, random": lambda luck: files.png_claiming(100, 100)[:8] + luck.randbytes(2000),
    "JPEG of marks": lambda luck: b"\xff\xd8" + b"\xff\xd8\xff\xe0\x00\x02" * 50_000,
    "JPEG of fill": lambda luck: b"\xff" * 1 + b"\xd8" + b"\xff" * 1_000_000,
    "gif": lambda luck: _saved_as(luck, "GIF"),
    "webp": lambda luck: _saved_as(luck, "WEBP"),
    "tiff": lambda luck: _saved_as(luck, "TIFF"),
    "bmp": lambda luck: _saved_as(luck, "BMP"),
    "svg": lambda luck: b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///"/></svg>',
    "eps": lambda luck: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\n",
}


def _saved_as(luck: random.Random, form: str) -> bytes:
    content = files.other(corpus.portrait(), form)
    return content if luck.random() < 0.5 else mangled(luck, content)[1]


def _large(luck: random.Random) -> Made:
    """Pictures within every limit that cost as much as possible, and pictures beyond the limits."""
    name = luck.choice(list(LARGE))
    return name, _made_large(name)


@functools.lru_cache(maxsize=8)
def _made_large(name: str) -> bytes:
    return LARGE[name]()


def _flat_jpeg(width: int, height: int, mode: str = "RGB", **options: Any) -> bytes:
    return files.jpeg(Image.new(mode, (width, height)), **options)


def _bytes_within(file: bytes) -> bytes:
    """The file filled up to 15 MB with bytes after its end."""
    return file + bytes(15 * 2**20 - len(file))


LARGE: dict[str, Callable[[], bytes]] = {
    "50 MP JPEG": lambda: _flat_jpeg(7071, 7071),
    "50 MP JPEG, turned": lambda: _flat_jpeg(10_000, 5000, exif=files.exif(6)),
    "50 MP JPEG, gray": lambda: _flat_jpeg(10_000, 5000, "L"),
    "50 MP JPEG, CMYK": lambda: _flat_jpeg(5000, 10_000, "CMYK"),
    "50 MP JPEG, progressive": lambda: _flat_jpeg(10_000, 5000, progressive=True),
    "50 MP JPEG, progressive CMYK, turned": lambda: _flat_jpeg(
        7071, 7071, "CMYK", progressive=True, exif=files.exif(5)
    ),
    "20 scans of 49 MP": lambda: jpegs.many_scans(_flat_jpeg(7000, 7000, progressive=True), 10),
    "1,600 scans of 0.6 MP": lambda: jpegs.many_scans(
        _flat_jpeg(1000, 600, progressive=True), 1600
    ),
    "100,000 scans of 80 x 80": lambda: jpegs.many_scans(
        _flat_jpeg(80, 80, "L", progressive=True), 100_000
    ),
    "50 MP PNG": lambda: pngs.flat(7071, 7071, 8, 2),
    "50 MP PNG, 16 bits": lambda: pngs.flat(10_000, 5000, 16, 2),
    "50 MP PNG, 16 bits, alpha": lambda: pngs.flat(5000, 10_000, 16, 6),
    "50 MP PNG, 16 bits, gray": lambda: pngs.flat(7071, 7071, 16, 0),
    "50 MP PNG, gray alpha": lambda: pngs.flat(7071, 7071, 8, 4),
    "50 MP PNG, one bit": lambda: pngs.flat(7071, 7071, 1, 0),
    "50 MP PNG, palette": lambda: pngs.flat(7071, 7071, 8, 3),
    "50 MP PNG, interlaced": lambda: pngs.flat(7071, 7071, 8, 6, interlaced=True),
    "50 MP PNG, 16 bits, interlaced": lambda: pngs.flat(7071, 7071, 16, 6, interlaced=True),
    "10,000 x 80 PNG": lambda: pngs.flat(10_000, 80, 8, 2),
    "80 x 10,000 JPEG": lambda: _flat_jpeg(80, 10_000),
    "noise of 12 MP": lambda: files.jpeg(corpus.noise(4000, 3000)),
    "49 MP PNG, 15 MB": lambda: _bytes_within(pngs.flat(7000, 7000, 8, 2)),
    "1,000,000 chunks": lambda: _with_chunks(1_000_000),
    "900,000 empty pixel chunks": lambda: _with_chunks(900_000, b"IDAT"),
    "2,000,000 segments": lambda: jpegs.joined(
        [jpegs.Segment(jpegs.COM, b"")] * 2_000_000 + jpegs.parsed(corpus.jpeg("plain"))
    ),
    "15 MB of application data": lambda: jpegs.joined(
        [jpegs.Segment(jpegs.APP2, b"ICC_PROFILE\x00\x01\x01" + bytes(65_000))] * 230
        + jpegs.parsed(corpus.jpeg("plain"))
    ),
    "15 MB of EXIF": lambda: jpegs.joined(
        [jpegs.Segment(jpegs.APP1, b"Exif\x00\x00" + bytes(65_000))] * 230
        + jpegs.parsed(corpus.jpeg("plain"))
    ),
    "PNG of 14 GB": lambda: _bomb(60_000, 60_000, 14_000_000),
    "PNG of 84 x 252 that inflates to 14 GB": lambda: _bomb(84, 252, 14_000_000),
}


def _with_chunks(count: int, kind: bytes = b"tEXt") -> bytes:
    head, *rest = pngs.parsed(corpus.png("rgb"))
    return pngs.joined([head, *[pngs.Chunk(kind, b"")] * count, *rest])


def _bomb(width: int, height: int, size: int) -> bytes:
    """`size` bytes of deflated zeros: the same block of 258 repeated."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    block = zlib.compressobj(9)
    run = block.compress(bytes(2**20)) + block.flush(zlib.Z_FULL_FLUSH)
    more = block.compress(bytes(2**20)) + block.flush(zlib.Z_FULL_FLUSH)
    pixels = run + more * ((size - len(run)) // len(more))
    chunks = [pngs.Chunk(b"IHDR", header), pngs.Chunk(b"IDAT", pixels), pngs.Chunk(b"IEND", b"")]
    return pngs.joined(chunks)


_KINDS: dict[str, tuple[int, Callable[[random.Random], Made]]] = {
    "sound": (2, _sound),
    "JPEG bytes": (6, _changed(_any_jpeg, mangled)),
    "JPEG segments": (12, _changed(_any_jpeg, _and_mangled(jpegs.restructured))),
    "PNG bytes": (4, _changed(_any_png, mangled)),
    "PNG chunks": (12, _changed(_any_png, _and_mangled(pngs.restructured))),
    "two in one": (3, _spliced),
    "no picture": (1, _no_picture),
    "large": (0, _large),
}
"""The kinds with their shares of all cases."""
