"""Values that programs rarely expect, and a place in a request for one of them."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

Path = tuple[Any, ...]

TEXTS = (
    "", " ", "\x00", "a\x00b", "\n", "\r\n", "\t", "\x7f", "\x1b[2J", "\u0080", "\u2028", "\ufeff",
    "\ufffe", "\uffff", "\U0010ffff", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u202ecba",
    "e\u0301", "ﷺ", "ß", "İ", "ı", "K", "１２", "٣", "Ⅷ", "𝟘", "ǆ", "\ud800", "\udfff\ud800",
    "a\ud83d", "%00", "%", "%s%n", "../../etc/passwd", "..", ".", "/", "//", "\\", "'", '"', "`id`",
    "$(id)", "${jndi:x}", "<!--", "]]>", "&amp;", "; DROP TABLE", "null", "NaN", "__proto__",
    "#collection", "a#b", "staff\n", "-", "_", ":", "0", "-1", "1e999", "0x10", "=", "AAA=", "====",
    "arn:aws:rekognition:::", "arn:aws:rekognition:eu-west-1:123456789012:collection/",
    "z" + "\u0301" * 200, "Z͑ͫ̓a̴l̵g̶o",
)  # fmt: skip
NUMBERS = (
    0, -0.0, 1, -1, 0.5, 80, 99.999999, 100, 100.00001, 101, 4096, 4097, 2**31 - 1, 2**31, -(2**31),
    2**32, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 10**30, 10**400, -(10**400), 1e-320, 5e-324, 1e308,
    -1e308, 3.5e38, float("nan"), float("inf"), float("-inf"),
)  # fmt: skip


def value(luck: random.Random) -> Any:
    return luck.choice(_MAKERS)(luck)


def swapped(luck: random.Random, request: Any) -> tuple[str, Any]:
    """The request with one to three places replaced, or with one more member."""
    made = []
    for _ in range(luck.choice((1, 1, 2, 3))):
        places = list(_places(request))
        path = luck.choice(places)
        request = _replaced(request, path, value(luck))
        made.append(".".join(map(str, path)).encode("ascii", "replace").decode()[:60] or "all")
    return f"swapped {', '.join(made)}", request


def _text(luck: random.Random) -> str:
    return luck.choice(TEXTS)


def _long_text(luck: random.Random) -> str:
    return luck.choice(TEXTS) * luck.choice((2, 64, 128, 255, 256, 2048, 20_000))


def _any_text(luck: random.Random) -> str:
    return "".join(chr(luck.randrange(sys.maxunicode + 1)) for _ in range(luck.randrange(40)))


def _deep(luck: random.Random) -> Any:
    inner: Any = luck.choice(NUMBERS)
    for _ in range(luck.choice((1, 5, 50, 300))):
        inner = [inner] if luck.random() < 0.5 else {luck.choice(TEXTS): inner}
    return inner


def _many(luck: random.Random) -> Any:
    return [_one(luck)] * luck.choice((0, 1, 2, 100, 101, 201, 4096, 4097, 20_000))


def _keyed(luck: random.Random) -> Any:
    return {luck.choice(TEXTS): _one(luck) for _ in range(luck.choice((0, 1, 3)))}


def _one(luck: random.Random) -> Any:
    return luck.choice((*TEXTS, *NUMBERS, None, True, False, [], {}, [[]], {"a": []}))


_MAKERS: tuple[Callable[[random.Random], Any], ...] = (
    _text, _text, _long_text, _any_text, _deep, _many, _keyed, _one,
)  # fmt: skip


def _places(node: Any, path: Path = ()) -> Iterator[Path]:
    """The places that the request has, and a new one in each object."""
    yield path
    if isinstance(node, dict):
        yield (*path, "Unheard")
        for key, item in node.items():
            yield from _places(item, (*path, key))
    elif isinstance(node, list):
        for position, item in enumerate(node[:4]):
            yield from _places(item, (*path, position))


def _replaced(node: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    first, rest = path[0], path[1:]
    if isinstance(node, dict):
        return node | {first: _replaced(node.get(first), rest, new)}
    return [_replaced(each, rest, new) if i == first else each for i, each in enumerate(node)]
