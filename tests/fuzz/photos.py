"""Dropped photos with keys and metadata of any kind, and messages that S3 would never write."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from tests.fuzz import hostile, json_text
from tests.fuzz.cases import Case, chance
from tests.fuzz.mangling import mangled
from tests.world.account import INPUT_BUCKET
from tests.world.fakes import picture

MOST_KEY_BYTES = 1024
"""S3's limit."""
_PICTURES = (
    picture("ann"), picture("bob", "dan"), picture(), picture("ann", poor=("ann",)), b"", b"text",
)  # fmt: skip


def cases(of: int, count: int) -> Iterator[Case]:
    """`of` is the seed."""
    for number in range(count):
        luck = chance(of, "photo", number)
        kind = luck.choices(["key", "metadata", "message"], [5, 4, 2])[0]
        yield _MAKERS[kind](luck, number)


def _with_key(luck: random.Random, number: int) -> Case:
    key = _key(luck)
    return Case("photos", number, "key", repr(key), {}, {key: luck.choice(_PICTURES)})


def _with_metadata(luck: random.Random, number: int) -> Case:
    key = luck.choice(("search/staff/a", "index/staff/a.jpg", "search/empty/ä b.png", "search/x/1"))
    names = (
        "face-match-threshold", "max-faces", "quality-filter", "Max-Faces", "max-faces ", "",
        "camera", "x" * 1000, "image", "collectionid",
    )  # fmt: skip
    metadata = {luck.choice(names): _told(luck) for _ in range(luck.choice((1, 1, 2, 5)))}
    made = ", ".join(f"{name}={value[:20]!r}" for name, value in metadata.items())
    objects = {key: luck.choice(_PICTURES)}
    return Case("photos", number, "metadata", made, {"metadata": metadata}, objects)


def _told(luck: random.Random) -> str:
    """A number in any spelling, or any text: S3 takes 2 KB of metadata, in UTF-8."""
    number = luck.choice(hostile.NUMBERS)
    text = luck.choice(
        (
            json.dumps(number), str(number), f" {number} ", f"+{number}", "1_000", "0x1F", "1e3",
            "1e-400", "-0", "nan", "-inf", "Infinity", "٣", "１２", "9" * 2000, "0." + "0" * 2000,
            "NONE", "auto", "HIGH ", "=?UTF-8?Q?=C3=A4?=", *hostile.TEXTS,
        )
    )  # fmt: skip
    return storable(text)[:2000]


def _key(luck: random.Random) -> str:
    made = luck.choice(
        (
            lambda: f"{_task(luck)}/{_collection(luck)}/{_name(luck)}",
            lambda: f"{_task(luck)}/staff/{_name(luck)}",
            lambda: (
                f"{_task(luck)}/staff/{_name(luck)}.{luck.choice(('jpg', 'JPG', '', '.', 'ä'))}"
            ),
            lambda: _name(luck),
            lambda: "/".join(luck.choice(hostile.TEXTS) for _ in range(luck.randrange(1, 6))),
            lambda: f"index/staff/{quote(storable(_name(luck)))}",
            lambda: f"search/staff/{'ä' * 600}{_name(luck)}",
        )
    )()
    text = storable(made).encode()[:MOST_KEY_BYTES].decode(errors="ignore")
    return text or "/"


def _task(luck: random.Random) -> str:
    return luck.choice(("search", "index", "index", "Index", "results", "", "search%2F", "index "))


def _collection(luck: random.Random) -> str:
    return luck.choice(("staff", "empty", "missing", "", ".", "..", "st%61ff", "staff ", "a" * 256))


def _name(luck: random.Random) -> str:
    return luck.choice(
        (
            luck.choice(hostile.TEXTS), luck.choice(hostile.TEXTS) + luck.choice(hostile.TEXTS),
            "".join(chr(luck.randrange(0x110000)) for _ in range(luck.randrange(1, 20))),
            "a b+c&d=e?f#g", "%41%", "%FF", "+", "a/../b", "a/./b", "a//b", ".", "./", "/",
            ".jpg", "..jpg", "a.", "a/", "ann", "ann.jpg", "con", "ann.tar.gz", "~", "~/",
            "a" * luck.choice((254, 255, 256, 1000)),
        )
    )  # fmt: skip


def storable(text: str) -> str:
    """The text without lone surrogates, which have no UTF-8 form for S3 to store."""
    return text.encode("utf-8", "ignore").decode()


def _message(luck: random.Random, number: int) -> Case:
    """A message from any sender to the queue. The worst that may happen to it is the dead-letter
    queue."""
    name = luck.choice(list(_MESSAGES))
    return Case("photos", number, "message", name, {"message": _MESSAGES[name](luck)})


def _notice(luck: random.Random) -> dict[str, Any]:
    found = {"key": quote_plus("search/staff/beside"), "eTag": "0", "sequencer": "0A"}
    place = {"bucket": {"name": INPUT_BUCKET}, "object": found}
    return {"Records": [{"eventName": "ObjectCreated:Put", "s3": place}]}


def _swapped(luck: random.Random) -> str:
    return json.dumps(hostile.swapped(luck, _notice(luck))[1])


def _rewritten(luck: random.Random) -> str:
    text = json_text.rewritten(luck, json.dumps(_notice(luck)))[1]
    return text.decode("latin-1") if isinstance(text, bytes) else text


def _bytes_changed(luck: random.Random) -> str:
    return mangled(luck, json.dumps(_notice(luck)).encode())[1].decode("latin-1")


_MESSAGES: dict[str, Callable[[random.Random], str]] = {
    "values swapped": _swapped,
    "JSON rewritten": _rewritten,
    "bytes changed": _bytes_changed,
}
_MAKERS: dict[str, Callable[[random.Random, int], Case]] = {
    "key": _with_key,
    "metadata": _with_metadata,
    "message": _message,
}
