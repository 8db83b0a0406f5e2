"""The key that signs the calls of a run."""

from __future__ import annotations

import time
from collections.abc import Iterator

from semblance_cli.check import cleanup
from semblance_cli.check.context import Context
from semblance_cli.check.endpoint import Key
from semblance_cli.check.findings import Check, Verdict, ok, skipped, unknown
from semblance_cli.key_store import KeyStore, Rights

ALLOWED = (
    "CreateCollection", "DeleteCollection", "DeleteFaces", "DescribeCollection", "IndexFaces",
    "ListCollections", "SearchFacesByImage",
)  # fmt: skip
FORBIDDEN = "ListFaces"
"""An operation that the run's own key may not ask for."""

_KEY_SECONDS = 3600


def _key(context: Context) -> Iterator[Verdict]:
    if context.auth == "none":
        yield skipped("auth=none: calls are not signed")
    elif context.keys is None:
        own = context.account.credentials()
        if own is None or own.access_key is None or own.secret_key is None:
            yield unknown("there are no AWS credentials", "Sign in.")
            return
        context.key = Key(own.access_key, own.secret_key, "execute-api", own.token)
        yield ok("your own AWS credentials, signed for execute-api")
    else:
        context.key = _made(context, context.keys)
        yield ok("an access key of its own, deleted at the end; it expires in an hour in any case")


def _made(context: Context, store: KeyStore) -> Key:
    name = context.run
    rights = Rights(ALLOWED, (f"{cleanup.PREFIX}*",))
    with context.cleanup.making(f"the access key {name}", lambda: remove_keys(context, name)):
        made, secret = store.create(name, rights, time.time() + _KEY_SECONDS)
    return Key(made.id, secret, "rekognition")


def remove_keys(context: Context, *names: str) -> None:
    if context.keys:
        for key in context.keys.all():
            if key.name in names:
                context.keys.keys.delete(key.id)


KEY = Check(
    "key",
    "A key to call with",
    _key,
    ("dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem", "kms:Encrypt"),
)
