"""keys: who may call a deployment with `auth=keys`. docs/security.md says what a key can be
allowed, and what is checked."""

import argparse
import json
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from rich.table import Table

from semblance.access.access_key import AccessKey
from tools.commands import key_store
from tools.commands.key_store import KeyStore, Rights
from tools.commands.problems import note
from tools.commands.report import console

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DAY = 86_400
_OBEYED = "Functions that run obey within a minute."


def add_to(commands: Any) -> None:
    text = "the access keys of a deployment with auth=keys"
    group = commands.add_parser("keys", help=text, description=text)
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_create(actions)
    _add(actions, "list", "list all keys, without their secrets", _list)
    rotate = _add(actions, "rotate", "give a key a new secret, shown once", _rotate, of_a_key=True)
    rotate.add_argument(
        "--overlap",
        type=_duration,
        default=_DAY,
        metavar="TIME",
        help="for how long the old secret works too, for instance 30m, 24h or 0 (default 24h)",
    )
    _add(actions, "disable", "let a key in no more", _disable, of_a_key=True)
    _add(actions, "enable", "let a disabled key in again", _enable, of_a_key=True)
    _add(actions, "delete", "delete a key for good", _delete, of_a_key=True)


def _add_create(actions: Any) -> None:
    create = _add(actions, "create", "make a key; its secret is shown once", _create)
    create.add_argument("name", type=_like(_NAME, "a name"), metavar="NAME")
    create.add_argument(
        "--operations",
        type=_operation,
        action="extend",
        required=True,
        metavar="PATTERNS",
        help="what it may do, for instance 'Search*,ListFaces'; * stands for any characters",
    )
    create.add_argument(
        "--collections",
        type=_each(_like(_COLLECTION, "a pattern of collection ids")),
        action="extend",
        required=True,
        metavar="PATTERNS",
        help="of which collections, for instance 'door-*'",
    )
    create.add_argument(
        "--images",
        type=_like(_IMAGES, "a pattern of BUCKET/KEY"),
        action="append",
        default=[],
        metavar="PATTERN",
        help="which pictures an S3Object may name, for instance 'photos/door/*'; may be repeated "
        "(default: none, pictures are sent)",
    )
    create.add_argument(
        "--expires",
        type=_moment,
        metavar="WHEN",
        help="in 12h or 90d, or on a day such as 2030-01-31 (default: never)",
    )


def _add(
    actions: Any,
    name: str,
    text: str,
    run: Callable[[KeyStore, argparse.Namespace], int],
    *,
    of_a_key: bool = False,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=text, description=text)
    if of_a_key:
        parser.add_argument("key", metavar="KEY", help="its id or its name")
    parser.add_argument("--json", action="store_true", help="say it as JSON")
    key_store.add_options(parser)
    parser.set_defaults(run=lambda options: run(key_store.find(options), options))
    return parser


def _create(store: KeyStore, options: argparse.Namespace) -> int:
    rights = Rights(*map(tuple, (options.operations, options.collections, options.images)))
    key, secret = store.create(options.name, rights, options.expires)
    _show_secret(key, secret, options)
    if store.auth != "keys":
        note(
            f"The deployment has auth={store.auth}: it lets no key in before it is deployed with "
            "-c auth=keys."
        )
    return 0


def _list(store: KeyStore, options: argparse.Namespace) -> int:
    keys = store.all()
    if options.json:
        _write([_told(key) for key in keys])
        return 0
    table = Table("access key id", "name", "state", "operations", "collections", "images")
    table.add_column("expires")
    for key in keys:
        rights = (", ".join(each) for each in (key.operations, key.collections, key.images))
        table.add_row(key.id, key.name, _state(key), *rights, _time(key.valid_until) or "never")
    console().print(table)
    return 0


def _rotate(store: KeyStore, options: argparse.Namespace) -> int:
    key, secret = store.rotate(store.find(options.key), options.overlap)
    _show_secret(key, secret, options)
    note(
        f"The secret before it works until {_time(key.previous_until)}."
        if options.overlap
        else f"The secret before it works no more. {_OBEYED}"
    )
    return 0


def _disable(store: KeyStore, options: argparse.Namespace) -> int:
    return _say(store.set_disabled(store.find(options.key), disabled=True), "disabled", options)


def _enable(store: KeyStore, options: argparse.Namespace) -> int:
    return _say(store.set_disabled(store.find(options.key), disabled=False), "enabled", options)


def _delete(store: KeyStore, options: argparse.Namespace) -> int:
    key = store.find(options.key)
    store.keys.delete(key.id)
    return _say(key, "deleted", options)


def _say(key: AccessKey, what: str, options: argparse.Namespace) -> int:
    if options.json:
        _write(_told(key))
    note(f"The key {key.name} ({key.id}) is {what}. {_OBEYED}")
    return 0


def _show_secret(key: AccessKey, secret: str, options: argparse.Namespace) -> None:
    if options.json:
        _write(_told(key) | {"SecretAccessKey": secret})
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_row("access key id", key.id)
    grid.add_row("secret access key", secret)
    console().print(grid)
    note("The secret is shown this once: it is stored encrypted, and nobody can ask for it.")


def _write(told: Any) -> None:
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


def _told(key: AccessKey) -> dict[str, Any]:
    return {
        "AccessKeyId": key.id,
        "Name": key.name,
        "State": _state(key),
        "Operations": key.operations,
        "Collections": key.collections,
        "Images": key.images,
        "CreatedAt": _time(key.created_at),
        "ExpiresAt": _time(key.valid_until),
        "PreviousSecretUntil": _time(key.previous_until),
    }


def _state(key: AccessKey) -> str:
    if key.disabled:
        return "disabled"
    return "active" if key.works(time.time()) else "expired"


def _time(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")


# What an option may be

_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
_COLLECTION = re.compile(r"[A-Za-z0-9_.*?-]{1,255}")
_IMAGES = re.compile(r"\*|[a-z0-9.*?-]{1,63}/.{1,1024}")
_DURATION = re.compile("([0-9]{1,9})([smhd])")


def _like(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not pattern.fullmatch(text):
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}: {pattern.pattern}")
        return text

    return parse


def _each(parse: Callable[[str], str]) -> Callable[[str], list[str]]:
    return lambda text: [parse(part.strip()) for part in text.split(",")]


def _operation(text: str) -> list[str]:
    """Patterns that match an operation: one that is mistyped would allow nothing, silently."""
    from semblance.operations.table import OPERATIONS  # slow to import

    patterns = [part.strip() for part in text.split(",")]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern.replace("[", "[[]")) for name in OPERATIONS):
            raise argparse.ArgumentTypeError(f"{pattern!r} matches none of {', '.join(OPERATIONS)}")
    return patterns


def _duration(text: str) -> float:
    if text == "0":
        return 0
    match = _DURATION.fullmatch(text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: 30m, 24h, 90d or 0")
    return int(match[1]) * _SECONDS[match[2]]


def _moment(text: str) -> float:
    """Epoch seconds; in the future."""
    if _DURATION.fullmatch(text):
        return time.time() + _duration(text)
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
