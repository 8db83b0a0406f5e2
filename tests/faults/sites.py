"""Call sites: which of an operation's calls to AWS it is, and which item or object it is for."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from tests.faults.aws import Call

_ITEMS = {
    "COLLECTIONS": "collection", "ERASURES": "erasure", "F#": "faces", "L#": "changes",
    "U#": "users", "T#": "token", "P#": "photo", "KEYS": "access keys",
    "COMPACTIONS": "compaction",
}  # fmt: skip
_FEW = 3
_OTHERS = {"cloudwatch-logs": "audit", "eventbridge": "event", "kms": "secret"}


@dataclass(frozen=True, order=True)
class Site:
    service: str
    operation: str
    what: str
    number: int = 1
    """Counts such calls of one run; calls made in parallel are counted in order of arrival."""

    def __str__(self) -> str:
        return f"{self.operation} {self.what}"


class Sites:
    """Recognises calls of a run by the data they are for, and all tries of a call as one call."""

    def __init__(self) -> None:
        self.seen: list[Site] = []
        self._by_call: dict[str, Site] = {}
        self._numbers: Counter[Site] = Counter()

    def of(self, call: Call) -> Site:
        if call.id not in self._by_call:
            kind = Site(call.service, call.operation, _what(call))
            self._numbers[kind] += 1
            site = replace(kind, number=self._numbers[kind])
            self._by_call[call.id] = site
            self.seen.append(site)
        return self._by_call[call.id]


def to_be_tried(sites: list[Site]) -> list[Site]:
    """Of many calls of one kind, such as one to each partition of a collection, the first and the
    last."""
    most = Counter(replace(site, number=1) for site in sites)
    return [
        site
        for site in sites
        if most[replace(site, number=1)] <= _FEW
        or site.number in (1, most[replace(site, number=1)])
    ]


def _what(call: Call) -> str:
    if call.service == "s3":
        return _object(call)
    if call.service != "dynamodb":
        return _OTHERS[call.service]
    texts = list(_strings(json.loads(call.body)))
    named = [name for start, name in _ITEMS.items() if any(t.startswith(start) for t in texts)]
    return ", ".join(named)


def _object(call: Call) -> str:
    url = urlsplit(call.url)
    path = f"{url.hostname}{url.path}"
    if "results-bucket" in path:
        return "result"
    return "snapshot" if "snapshot" in path else "picture"


def _strings(value: Any) -> Iterator[str]:
    """All strings in it that DynamoDB has as {"S": "..."}."""
    if isinstance(value, dict):
        if isinstance(value.get("S"), str):
            yield value["S"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _strings(each)
