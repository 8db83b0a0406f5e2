"""Bytes of a file changed without regard to their meaning."""

from __future__ import annotations

import random
from collections.abc import Callable

_EDGES = (0, 1, 2, 0x7F, 0x80, 0xC0, 0xC4, 0xD0, 0xD8, 0xD9, 0xDA, 0xFE, 0xFF)


def mangled(luck: random.Random, file: bytes) -> tuple[str, bytes]:
    name = luck.choice(list(_WAYS))
    content = bytearray(file)
    if content:
        _WAYS[name](luck, content)
    return name, bytes(content)


def _place(luck: random.Random, content: bytearray) -> int:
    """Mostly near the beginning, where headers are."""
    reach = luck.choice((40, 700, len(content)))
    return luck.randrange(min(reach, len(content)))


def _bits(luck: random.Random, content: bytearray) -> None:
    for _ in range(luck.choice((1, 1, 2, 20, 200))):
        content[_place(luck, content)] ^= 1 << luck.randrange(8)


def _bytes(luck: random.Random, content: bytearray) -> None:
    for _ in range(luck.choice((1, 1, 2, 20))):
        content[_place(luck, content)] = luck.choice((*_EDGES, luck.randrange(256)))


def _cut(luck: random.Random, content: bytearray) -> None:
    del content[luck.randrange(len(content)) :]


def _gap(luck: random.Random, content: bytearray) -> None:
    start = _place(luck, content)
    del content[start : start + luck.choice((1, 2, 10, 300))]


def _blank(luck: random.Random, content: bytearray) -> None:
    start = _place(luck, content)
    length = min(luck.choice((2, 16, 300)), len(content) - start)
    content[start : start + length] = bytes([luck.choice(_EDGES)]) * length


def _inserted(luck: random.Random, content: bytearray) -> None:
    start = _place(luck, content)
    content[start:start] = luck.choice(
        (luck.randbytes(luck.choice((1, 4, 100))), bytes(50), b"\xff" * luck.choice((1, 5000)))
    )


def _repeated(luck: random.Random, content: bytearray) -> None:
    start = _place(luck, content)
    content[start:start] = content[start : start + luck.choice((2, 30, 1000))] * luck.choice((1, 9))


def _swapped(luck: random.Random, content: bytearray) -> None:
    one, other = sorted((_place(luck, content), _place(luck, content)))
    content[:] = content[other:] + content[one:other] + content[:one]


_WAYS: dict[str, Callable[[random.Random, bytearray], None]] = {
    "bits": _bits,
    "bytes": _bytes,
    "cut": _cut,
    "gap": _gap,
    "blank": _blank,
    "inserted": _inserted,
    "repeated": _repeated,
    "swapped": _swapped,
}
