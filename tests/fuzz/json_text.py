"""JSON as no library writes it: duplicate keys, very long numbers, nesting, other encodings, bytes
changed at random; and requests of the largest size that a Lambda function takes."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable

from tests.fuzz import hostile
from tests.world.populated import NOWHERE

MOST_BYTES = 6 * 2**20 - 2**16
"""The largest payload that Lambda passes to a function, without its envelope."""

Text = str | bytes


def rewritten(luck: random.Random, text: str) -> tuple[str, Text]:
    name = luck.choice(list(_WAYS))
    return name, _WAYS[name](luck, text)


def huge(luck: random.Random, operation: str) -> tuple[str, str]:
    """A request with one member that takes all the space there is, or with very many members."""
    member, item = luck.choice(_FILLERS)
    amount = luck.randrange(1, MOST_BYTES // (len(item) + 1))
    if luck.random() < 0.5:
        amount = MOST_BYTES // (len(item) + 1)
    filled = _filled(luck, member, item, amount)
    return f"{amount} times {item[:12]} in {member}", filled


_FILLERS = [
    (member, item)
    for member in ("FaceIds", "Attributes", "DetectionAttributes", "TagKeys", "Unheard", "Tags")
    for item in ('""', "0", "[]", "{}", '"a"', f'"{NOWHERE}"', "null", '"\\u00e4!"', "1.5e300")
] + [("CollectionId", '"a"'), ("Image", '"A"')]


def _filled(luck: random.Random, member: str, item: str, amount: int) -> str:
    sound = f'"CollectionId":"staff","UserId":"ann","ResourceArn":"{"a" * 20}"'
    if member == "Tags":
        room = MOST_BYTES // (len(item) + 11)
        tags = ",".join(f'"{number:07}":{item}' for number in range(min(amount, room)))
        return f'{{{sound},"Tags":{{{tags}}}}}'
    if member in ("CollectionId", "Image"):
        text = item.strip('"') * amount
        value = f'"{text}"' if member == "CollectionId" else f'{{"Bytes":"{text}"}}'
        return f'{{{sound},"{member}":{value}}}'
    return f'{{{sound},"{member}":[{",".join([item] * amount)}]}}'


def _with_duplicates(luck: random.Random, text: str) -> str:
    """The members again, before or after, with other values."""
    try:
        names = list(json.loads(text)) or ["CollectionId"]
    except ValueError:
        names = ["CollectionId"]
    more = [f'"{luck.choice(names)}":{_scalar(luck)}' for _ in range(luck.choice((1, 2, 500)))]
    inner = text.strip()[1:-1]
    parts = [*more, inner] if luck.random() < 0.5 else [inner, *more]
    return "{" + ",".join(part for part in parts if part) + "}"


def _scalar(luck: random.Random) -> str:
    return json.dumps(luck.choice((*hostile.NUMBERS, *hostile.TEXTS, None, True)))


def _with_number(luck: random.Random, text: str) -> str:
    """A number in place of a value, or in a member that takes one."""
    number = luck.choice(_NUMERALS)
    found = list(re.finditer(r"(?<=[:\[ ])-?\d[\d.e+-]*(?=[,}\]])", text))
    if found:
        place = luck.choice(found)
        return text[: place.start()] + number + text[place.end() :]
    member = luck.choice(("MaxResults", "MaxFaces", "FaceMatchThreshold", "MaxUsers", "Unheard"))
    return _with_member(text, member, number)


_NUMERALS = (
    "1" + "0" * 300, "1" + "0" * 4299, "1" + "0" * 5000, "1" + "0" * 500_000, "-" + "9" * 4301,
    "1e999999999", "-1e400", "1e-999999999", "0." + "0" * 5000 + "1", "1E+2", "5.0", "5e0", "-0",
    "-0.0", "NaN", "Infinity", "-Infinity", "nan", "0x10", "01", "+1", "1.", ".5", "1_000", "--1",
    "1e", "١", "true1", "79.999999999999999999999999", "100.0000000000000000000001",
)  # fmt: skip


def _with_member(text: str, member: str, value: str) -> str:
    inner = text.strip()[1:-1]
    return "{" + ",".join(part for part in (inner, f'"{member}":{value}') if part) + "}"


def _nested(luck: random.Random, text: str) -> str:
    depth = luck.choice((10, 400, 900, 990, 1000, 1100, 5000, 100_000))
    opening, closing = luck.choice((("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")))
    closed = depth if luck.random() < 0.7 else luck.randrange(depth)
    nest = opening * depth + "0" + closing * closed
    member = luck.choice(("Unheard", "CollectionId", "Image", "FaceIds", "Tags", ""))
    return _with_member(text, member, nest) if member else nest


def _with_escapes(luck: random.Random, text: str) -> str:
    """Escapes inside its strings."""
    quotes = [place.end() for place in re.finditer('"', text)]
    if not quotes:
        return text
    place = luck.choice(quotes)
    return text[:place] + luck.choice(_ESCAPES) + text[place:]


_ESCAPES = (
    "\\u0000", "\\ud800", "\\udc00\\ud800", "\\ud83d\\ude00", "\\u12", "\\x41", "\\", "\\/", "\\u",
    "\\U0001F600", "\x00", "\n", "\x1f", "\\u002e\\u002e\\u002f", '\\"', "\ud800", "é", "\u2028",
)  # fmt: skip


def _with_syntax(luck: random.Random, text: str) -> str:
    place = luck.randrange(len(text) + 1)
    return text[:place] + luck.choice(_SYNTAX) + text[place:]


_SYNTAX = (
    ",", ",,", "{", "}", "[", "]", ":", '"', "'", "/* */", "// x\n", "# x\n", "\ufeff", "\x00",
    "\u00a0", "null", "{}", " " * 10_000, "\x0b", ";", "=>", "\\", "\\u0022", "{}{}", "--",
)  # fmt: skip


def _in_other_encoding(luck: random.Random, text: str) -> bytes:
    text = text.encode("ascii", "backslashreplace").decode()
    encoding = luck.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp500"))
    return text.encode(encoding)


def _mangled(luck: random.Random, text: str) -> Text:
    """Changed bytes, as they are or with each one decoded as a character."""
    content = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(luck.choice((1, 1, 3, 20))):
        if not content:
            break
        place = luck.randrange(len(content))
        luck.choice(_BYTE_CHANGES)(luck, content, place)
    return bytes(content) if luck.random() < 0.5 else content.decode("latin-1")


_BYTE_CHANGES: tuple[Callable[[random.Random, bytearray, int], None], ...] = (
    lambda luck, content, place: content.__setitem__(place, luck.randrange(256)),
    lambda luck, content, place: content.__setitem__(
        place, content[place] ^ 1 << luck.randrange(8)
    ),
    lambda luck, content, place: content.__delitem__(slice(place, place + luck.choice((1, 5, 50)))),
    lambda luck, content, place: content.insert(place, luck.randrange(256)),
    lambda luck, content, place: content.extend(content[place : place + 50]),
)


def _cut(luck: random.Random, text: str) -> str:
    return text[: luck.randrange(len(text) + 1)]


def _replaced(luck: random.Random, _: str) -> Text:
    return luck.choice(_BODIES)


_BODIES: tuple[Text, ...] = (
    "", " ", "null", "true", "[]", "[[]]", "0", '""', '"{}"', "{}{}", "{}\x00", "\x00", "\ufeff{}",
    b"\xff\xfe", b"\x80", b"\xed\xa0\x80", b'{"CollectionId":"\xff"}', b"\x1f\x8b\x08\x00",
    "Action=ListCollections&Version=2016-06-27", "<xml/>", "--boundary\r\n", "{" * 100_000,
    "[" * 1_000_000, '{"a":' * 200_000, '"' + "\\u0000" * 100_000 + '"', "-", "1" * 1_000_000,
)  # fmt: skip

_WAYS: dict[str, Callable[[random.Random, str], Text]] = {
    "duplicate keys": _with_duplicates,
    "odd number": _with_number,
    "nesting": _nested,
    "escapes": _with_escapes,
    "syntax": _with_syntax,
    "encoding": _in_other_encoding,
    "bytes changed": _mangled,
    "cut": _cut,
    "replaced": _replaced,
}
