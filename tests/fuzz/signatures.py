"""Forged and mangled signatures, for a deployment with Semblance's own keys (`auth=keys`)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from semblance.access.access_key import AccessKey
from tests.fuzz import hostile
from tests.fuzz.cases import Case, chance
from tests.fuzz.mangling import mangled
from tests.world.own_keys import Key

SECRET = "s" * 40
KEY = AccessKey(
    id="SMBLAAAAAAAAAAAAAAAA",
    name="fuzz",
    created_at=0,
    secret=b"",
    operations=("*",),
    collections=("*",),
    images=("*",),
)
"""The key that the process under test knows, with its sealed secret."""

Event = dict[str, Any]


def cases(of: int, count: int) -> Iterator[Case]:
    """`of` is the seed. The mutations are the same in every run; the time of signing is not."""
    for number in range(count):
        luck = chance(of, "signature", number)
        kind = luck.choice(list(_KINDS))
        event = Key(None, KEY, SECRET).signed("DescribeCollection", '{"CollectionId": "staff"}')  # type: ignore[arg-type]
        forged = _KINDS[kind](luck, event)
        yield Case(
            "signatures", number, kind, _shown(event),
            {"event": event, "now": time.time(), "forged": forged},
        )  # fmt: skip


def _shown(event: Event) -> str:
    headers = event["multiValueHeaders"] or event["headers"] or {}
    return ascii(headers.get("Authorization"))[:200]


def _sound(luck: random.Random, event: Event) -> bool:
    """Valid, with more headers that are not signed and so change nothing."""
    for _ in range(luck.randrange(3)):
        name = luck.choice(("Accept", "X-Forwarded-For", "x-amzn-trace-id", "", "X-Amz-Meta"))
        event["multiValueHeaders"][name] = [luck.choice(hostile.TEXTS)]
    return False


def _authorization(luck: random.Random, event: Event) -> bool:
    """The header with its bytes changed."""
    text = _authorization_of(event).encode()
    changed = mangled(luck, text)[1].decode("latin-1")
    event["multiValueHeaders"]["Authorization"] = [changed]
    return changed.replace(" ", "") != text.decode().replace(" ", "")


def _parameters(luck: random.Random, event: Event) -> bool:
    """One of its parameters changed, missing, repeated or made up."""
    scheme, _, rest = _authorization_of(event).partition(" ")
    parts = rest.split(", ")
    place = luck.randrange(len(parts))
    name, _, value = parts[place].partition("=")
    other = luck.choice((*hostile.TEXTS, value[::-1], value.upper(), value * 100, f"{value};a"))
    parts[place : place + 1] = luck.choice(
        ([], [f"{name}={other}"], [f"{name}={value}"] * 2, [f"{name}={other}", f"{name}={value}"],
         [f"{name}"], [f"{other}={value}"], [f"{name}={value}", f"Other={other}"])
    )  # fmt: skip
    event["multiValueHeaders"]["Authorization"] = [f"{scheme} {', '.join(parts)}"]
    return True


def _credential(luck: random.Random, event: Event) -> bool:
    scope = luck.choice(
        (
            "x", f"{KEY.id}", f"{KEY.id}/20260101/eu-west-1/rekognition/aws4_request", "////",
            f"{KEY.id}/{luck.choice(hostile.TEXTS)}/eu-west-1/rekognition/aws4_request",
            f"{'A' * luck.choice((20, 3000, 5000))}/20260101/eu-west-1/rekognition/aws4_request",
        )
    )  # fmt: skip
    names = luck.choice(("host", "", ";", "host;host", "a" * 3000, ";".join(["x"] * 1500)))
    text = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={'0' * 64}"
    event["multiValueHeaders"]["Authorization"] = [text]
    return True


def _date(luck: random.Random, event: Event) -> bool:
    event["multiValueHeaders"]["X-Amz-Date"] = [
        luck.choice(("00000000T000000Z", "99991231T235959Z", "20261399T999999Z", "20260101T000000",
                     "00010101T000000Z", "٢٠٢٦٠١٠١T000000Z", *hostile.TEXTS))
    ]  # fmt: skip
    return True


def _signed_value(luck: random.Random, event: Event) -> bool:
    """A signed header with another value, with several or with none."""
    headers = event["multiValueHeaders"]
    name = luck.choice([name for name in headers if name in ("Host", "X-Amz-Target", "X-Amz-Date")])
    was = headers[name]
    headers[name] = luck.choice(([], [luck.choice(hostile.TEXTS)], was * 2, [f"{was[0]}x"]))
    return True


def _body(luck: random.Random, event: Event) -> bool:
    event["body"] = luck.choice(('{"CollectionId": "empty"}', "", None, *hostile.TEXTS))
    return True


def _shape(luck: random.Random, event: Event) -> bool:
    """Other changes to the gateway's event: missing lists, a query, another method."""
    changes: tuple[Event, ...] = (
        {"multiValueHeaders": None}, {"multiValueHeaders": {}, "headers": None},
        {"queryStringParameters": {"X-Amz-Signature": "0"}}, {"httpMethod": "GET"},
        {"multiValueQueryStringParameters": {"": [""]}},
    )  # fmt: skip
    change = luck.choice(changes)
    event.update(change)
    # The event has the headers twice, and either form is enough.
    return change != {"multiValueHeaders": None}


def _authorization_of(event: Event) -> str:
    return str(event["multiValueHeaders"]["Authorization"][0])


_KINDS: dict[str, Callable[[random.Random, Event], bool]] = {
    "sound": _sound,
    "bytes changed": _authorization,
    "parameters": _parameters,
    "credential": _credential,
    "date": _date,
    "signed headers": _signed_value,
    "body": _body,
    "event": _shape,
}
"""Each returns whether its request must be refused."""
