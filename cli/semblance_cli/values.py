"""Values of options: each function parses one, or refuses it with a message for the operator."""

import argparse
import re
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from semblance.contract.operations import NAMES

Number = TypeVar("Number", int, float)

NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
COLLECTIONS = re.compile(r"[A-Za-z0-9_.*?-]{1,255}")
IMAGES = re.compile(r"\*|[a-z0-9.*?-]{1,63}/.{1,1024}")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile("([0-9]{1,9})([smhd])")


def like(pattern: re.Pattern[str], kind: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not pattern.fullmatch(text):
            raise argparse.ArgumentTypeError(f"{text!r} is not {kind}: {pattern.pattern}")
        return text

    return parse


def each(parse: Callable[[str], str]) -> Callable[[str], list[str]]:
    return lambda text: [parse(part.strip()) for part in text.split(",")]


def operations(text: str) -> list[str]:
    """Refuses patterns that match no operation: a mistyped one would silently allow nothing."""
    patterns = [part.strip() for part in text.split(",")]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern.replace("[", "[[]")) for name in NAMES):
            raise argparse.ArgumentTypeError(f"{pattern!r} matches none of {', '.join(NAMES)}")
    return patterns


def duration(text: str) -> float:
    if text == "0":
        return 0
    match = _DURATION.fullmatch(text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 30m, 24h, 90d or 0")
    return int(match[1]) * _SECONDS[match[2]]


def moment(text: str) -> float:
    """Epoch seconds; in the future."""
    if _DURATION.fullmatch(text):
        return time.time() + duration(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a time such as 90d nor a day such as 2030-01-31"
        ) from exc
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if seconds <= time.time():
        raise argparse.ArgumentTypeError(f"{text} is over already")
    return seconds


def number(kind: Callable[[str], Number], least: float, most: float) -> Callable[[str], Number]:
    def parse(text: str) -> Number:
        value = kind(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not from {least:g} to {most:g}")
        return value

    parse.__name__ = "number"
    return parse


def numbers(least: float, most: float) -> Callable[[str], list[float]]:
    """Separated by commas."""
    one = number(float, least, most)

    def parse(text: str) -> list[float]:
        return [one(part) for part in text.split(",")]

    parse.__name__ = "number"
    return parse


def output_file(formats: Collection[str]) -> Callable[[str], Path]:
    """A path whose ending is one of `formats`, such as `.csv`, in a folder that exists."""

    def parse(text: str) -> Path:
        path = Path(text)
        if path.suffix not in formats:
            raise argparse.ArgumentTypeError(f"{text} ends in neither {' nor '.join(formats)}")
        if not path.absolute().parent.is_dir():
            raise argparse.ArgumentTypeError(f"there is no folder {path.absolute().parent}")
        return path

    return parse
