"""Rules for the values of settings; as text, a rule completes "it has to be ..."."""

import re
from ipaddress import ip_network
from typing import Any, Protocol

from infra import packs


class Rule(Protocol):
    def allows(self, value: Any) -> bool: ...


class OneOf:
    def __init__(self, *values: object) -> None:
        self._values = values

    def allows(self, value: Any) -> bool:
        return value in self._values

    def __str__(self) -> str:
        return "one of " + ", ".join(map(str, self._values))


class Between:
    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most

    def allows(self, value: Any) -> bool:
        return bool(self._least <= value <= self._most)

    def __str__(self) -> str:
        return f"a whole number from {self._least} to {self._most}"


class Like:
    def __init__(self, pattern: str, description: str) -> None:
        self._pattern, self._description = re.compile(pattern), description

    def allows(self, value: Any) -> bool:
        values = value if isinstance(value, tuple) else (value,)
        return all(self._pattern.fullmatch(each) for each in values)

    def __str__(self) -> str:
        return self._description


class IpRanges:
    def allows(self, value: Any) -> bool:
        try:
            return all(ip_network(each) for each in value)
        except ValueError:
            return False

    def __str__(self) -> str:
        return "ranges such as 192.0.2.0/24, separated by commas"


class OfPacks:
    def allows(self, value: Any) -> bool:
        return packs.exists(str(value))

    def __str__(self) -> str:
        names = ", ".join(packs.names())
        return f"one of {names}, or the path of a pack that `semblance pack add` has written"


LOG_RETENTION = OneOf(
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)  # fmt: skip
