"""The access keys of a deployment with `auth=keys`: made, changed, and found by id or name."""

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3

from semblance.access import access_key
from semblance.access.access_key import AccessKey
from semblance.stores.access_keys import AccessKeyTable
from semblance.stores.seal import Seal
from semblance.stores.transaction import Conflict
from tools import stack
from tools.commands.problems import CommandError

_OUTPUTS = ("Auth", "KeyArn", "TableName")


@dataclass(frozen=True, slots=True)
class Rights:
    """Patterns, see `semblance.access.caller`."""

    operations: tuple[str, ...]
    collections: tuple[str, ...]
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyStore:
    keys: AccessKeyTable
    seal: Seal
    auth: str
    """The deployment's. Unless it is `keys`, a key lets nobody in."""

    @classmethod
    def of(cls, dynamodb: Any, kms: Any, outputs: Mapping[str, str]) -> "KeyStore":
        """A resource, a client, and the outputs of the stack."""
        missing = set(_OUTPUTS) - outputs.keys()
        if missing:
            raise CommandError(
                f"The stack has no output {', '.join(sorted(missing))}: is it Semblance's, and of "
                "this version?"
            )
        table = AccessKeyTable(dynamodb.Table(outputs["TableName"]))
        return cls(table, Seal(kms, outputs["KeyArn"]), outputs["Auth"])

    def all(self) -> list[AccessKey]:
        return sorted(self.keys.all(), key=lambda key: (key.name, key.created_at))

    def find(self, id_or_name: str) -> AccessKey:
        found = [key for key in self.all() if id_or_name in (key.id, key.name)]
        if not found:
            raise CommandError(f"There is no key {id_or_name}: `semblance keys list` lists all.")
        if len(found) > 1:
            ids = ", ".join(key.id for key in found)
            raise CommandError(f"Several keys are called {id_or_name}: name one of {ids}.")
        return found[0]

    def create(
        self, name: str, rights: Rights, valid_until: float | None = None
    ) -> tuple[AccessKey, str]:
        """The key and its secret, which nobody is told again."""
        if any(key.name == name for key in self.all()):
            raise CommandError(
                f"There is a key {name} already: choose another name, or let it have a new secret "
                "with `semblance keys rotate`."
            )
        id_, secret = access_key.new_id(), access_key.new_secret()
        key = AccessKey(
            id=id_,
            name=name,
            operations=rights.operations,
            collections=rights.collections,
            images=rights.images,
            created_at=time.time(),
            valid_until=valid_until,
            secret=self.seal.close(id_, secret),
        )
        self.keys.add(key)
        return key, secret

    def rotate(self, key: AccessKey, overlap_seconds: float) -> tuple[AccessKey, str]:
        """The key with its new secret; the one that it had works for the overlap."""
        secret = access_key.new_secret()
        until = time.time() + overlap_seconds
        try:
            self.keys.rotate(key, self.seal.close(key.id, secret), previous_until=until)
        except Conflict as exc:
            raise CommandError(
                f"The key {key.name} was changed by somebody else at the same moment; its secret "
                "is theirs. Nothing was done."
            ) from exc
        return self.find(key.id), secret

    def set_disabled(self, key: AccessKey, *, disabled: bool) -> AccessKey:
        try:
            self.keys.set_disabled(key.id, disabled=disabled)
        except Conflict as exc:
            raise CommandError(f"The key {key.name} has been deleted meanwhile.") from exc
        return self.find(key.id)


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("which deployment")
    stack.add_option(group)
    group.add_argument("--region", help="the AWS region")
    group.add_argument("--profile", help="the profile of the AWS configuration")


def find(options: argparse.Namespace) -> KeyStore:
    session = boto3.Session(profile_name=options.profile, region_name=options.region)
    try:
        outputs = stack.outputs(session.client("cloudformation"), options.stack)
    except stack.NoStackError as error:
        raise CommandError(str(error)) from error
    return KeyStore.of(session.resource("dynamodb"), session.client("kms"), outputs)
