"""keys: the access keys of a deployment with `auth=keys`. docs/security.md has their rights."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NotRequired, TypedDict

from rich.table import Table

from semblance.access.access_key import AccessKey
from semblance_cli import key_store, stack, values
from semblance_cli.key_store import KeyStore, Rights
from semblance_cli.terminal import note, output
from semblance_cli.usage import Parser

_DAY = 86_400
_OBEYED = "Running functions obey within a minute."


class Description(TypedDict):
    """A key as `--json` writes it."""

    AccessKeyId: str
    Name: str
    State: str
    Operations: Sequence[str]
    Collections: Sequence[str]
    Images: Sequence[str]
    CreatedAt: str | None
    ExpiresAt: str | None
    PreviousSecretUntil: str | None
    SecretAccessKey: NotRequired[str]


def add_to(parser: Parser) -> None:
    keys = parser.add_command(
        "keys",
        "manage the access keys of a deployment with auth=keys",
        synopsis="COMMAND ...",
        examples=(
            "semblance keys create door --operations 'Search*' --collections 'door-*'",
            "semblance keys list",
        ),
    )
    _add_create(keys)
    _add(
        keys, "list", "list all keys, without their secrets", _list,
        examples=("semblance keys list", "semblance keys list --json"),
    )  # fmt: skip
    _add_rotate(keys)
    _add_of_a_key(keys, "disable", "refuse a key until it is enabled again", _disable)
    _add_of_a_key(keys, "enable", "accept a disabled key again", _enable)
    _add_of_a_key(keys, "delete", "delete a key for good", _delete)
    for command in keys.commands:
        stack.add_options(command)


def _add_create(keys: Parser) -> None:
    create = _add(
        keys, "create", "create a key and print its secret, this once", _create,
        synopsis="RIGHTS [OPTIONS] NAME",
        examples=(
            "semblance keys create door --operations 'Search*' --collections 'door-*'",
            "semblance keys create hr --operations '*' --collections staff --expires 90d",
            "semblance keys create cam --operations '*' --collections a,b --images 'in/*'",
        ),
    )  # fmt: skip
    rights = create.add_argument_group("rights, both required")
    create.add_argument(
        "name",
        type=values.like(values.NAME, "a name"),
        metavar="NAME",
        help="a name for you to know it by",
    )
    rights.add_argument(
        "--operations",
        type=values.operations,
        action="extend",
        required=True,
        metavar="PATTERNS",
        help="the operations that it allows, such as 'Search*,ListFaces'; * stands for any "
        "characters",
    )
    rights.add_argument(
        "--collections",
        type=values.each(values.like(values.COLLECTIONS, "a pattern of collection ids")),
        action="extend",
        required=True,
        metavar="PATTERNS",
        help="the collections that it allows them on, such as 'door-*'",
    )
    create.add_argument(
        "--images",
        type=values.like(values.IMAGES, "a pattern of BUCKET/KEY"),
        action="append",
        default=[],
        metavar="PATTERN",
        help="the pictures that an S3Object may name, such as 'photos/door/*' (repeatable; "
        "default: none, so pictures are sent as bytes)",
    )
    create.add_argument(
        "--expires",
        type=values.moment,
        metavar="WHEN",
        help="after a time such as 12h or 90d, or on a day such as 2030-01-31 (default: never)",
    )


def _add_rotate(keys: Parser) -> None:
    rotate = _add_of_a_key(
        keys, "rotate", "give a key a new secret and print it, this once", _rotate,
        more=("semblance keys rotate door --overlap 0",),
    )  # fmt: skip
    rotate.add_argument(
        "--overlap",
        type=values.duration,
        default=_DAY,
        metavar="TIME",
        help="how long the old secret still works, such as 30m, 24h or 0 (default: 24h)",
    )


def _add_of_a_key(
    keys: Parser,
    name: str,
    summary: str,
    run: Callable[[KeyStore, argparse.Namespace], int],
    more: tuple[str, ...] = (),
) -> Parser:
    examples = (f"semblance keys {name} door", *more)
    parser = _add(keys, name, summary, run, synopsis="[OPTIONS] KEY", examples=examples)
    parser.add_argument("key", metavar="KEY", help="its id or its name")
    return parser


def _add(
    keys: Parser,
    name: str,
    summary: str,
    run: Callable[[KeyStore, argparse.Namespace], int],
    *,
    examples: tuple[str, ...],
    synopsis: str = "[OPTIONS]",
) -> Parser:
    parser = keys.add_command(name, summary, synopsis=synopsis, examples=examples)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=lambda options: run(_store(options), options))
    return parser


def _store(options: argparse.Namespace) -> KeyStore:
    account = stack.account(options)
    outputs = stack.outputs(account.cloudformation(), options.stack, key_store.OUTPUTS)
    return KeyStore.of(account.dynamodb_resource(), account.kms(), outputs)


def _create(store: KeyStore, options: argparse.Namespace) -> int:
    rights = Rights(*map(tuple, (options.operations, options.collections, options.images)))
    key, secret = store.create(options.name, rights, options.expires)
    _show_secret(key, secret, options)
    if store.auth != "keys":
        note(
            f"The deployment has auth={store.auth}: it lets no key in until you deploy it with "
            "-c auth=keys."
        )
    return 0


def _list(store: KeyStore, options: argparse.Namespace) -> int:
    keys = store.all()
    if options.json:
        _write([_described(key) for key in keys])
        return 0
    table = Table("access key id", "name", "state", "operations", "collections", "images")
    table.add_column("expires")
    for key in keys:
        rights = (", ".join(each) for each in (key.operations, key.collections, key.images))
        table.add_row(key.id, key.name, _state(key), *rights, _time(key.valid_until) or "never")
    output().print(table)
    return 0


def _rotate(store: KeyStore, options: argparse.Namespace) -> int:
    key, secret = store.rotate(store.find(options.key), options.overlap)
    _show_secret(key, secret, options)
    note(
        f"The old secret works until {_time(key.previous_until)}."
        if options.overlap
        else f"The old secret no longer works. {_OBEYED}"
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


def _say(key: AccessKey, state: str, options: argparse.Namespace) -> int:
    if options.json:
        _write(_described(key))
    note(f"The key {key.name} ({key.id}) is {state}. {_OBEYED}")
    return 0


def _show_secret(key: AccessKey, secret: str, options: argparse.Namespace) -> None:
    if options.json:
        _write({**_described(key), "SecretAccessKey": secret})
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_row("access key id", key.id)
    grid.add_row("secret access key", secret)
    output().print(grid)
    note("The secret is shown this once: it is stored encrypted and cannot be read again.")


def _write(described: Description | list[Description]) -> None:
    sys.stdout.write(json.dumps(described, indent=2) + "\n")


def _described(key: AccessKey) -> Description:
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
