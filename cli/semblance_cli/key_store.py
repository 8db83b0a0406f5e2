"""The access keys of a deployment with `auth=keys`: made, changed, and found by id or name."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from semblance.access import access_key
from semblance.access.access_key import AccessKey
from semblance.stores.access_keys import AccessKeyTable
from semblance.stores.seal import Seal
from semblance.stores.transaction import Conflict
from semblance_cli.problems import CommandError

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import DynamoDBServiceResource
    from types_boto3_kms import KMSClient

OUTPUTS = ("Auth", "KeyArn", "TableName")
"""The outputs of the stack that say where the keys are."""


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
    """The deployment's. Unless it is `keys`, the API accepts no key."""

    @classmethod
    def of(
        cls, dynamodb: DynamoDBServiceResource, kms: KMSClient, outputs: Mapping[str, str]
    ) -> KeyStore:
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
        """The key and its secret, which cannot be read again."""
        if any(key.name == name for key in self.all()):
            raise CommandError(
                f"There is a key {name} already: choose another name, or give it a new secret "
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
        """The key with its new secret; its old secret goes on working for the overlap."""
        secret = access_key.new_secret()
        until = time.time() + overlap_seconds
        try:
            self.keys.rotate(key, self.seal.close(key.id, secret), previous_until=until)
        except Conflict as exc:
            raise CommandError(
                f"Nothing was done: somebody else changed the key {key.name} at the same moment, "
                "and may have given it a new secret."
            ) from exc
        return self.find(key.id), secret

    def set_disabled(self, key: AccessKey, *, disabled: bool) -> AccessKey:
        try:
            self.keys.set_disabled(key.id, disabled=disabled)
        except Conflict as exc:
            raise CommandError(f"The key {key.name} has been deleted meanwhile.") from exc
        return self.find(key.id)
