"""Users in DynamoDB. A user, the user ids in its faces and the change are one transaction."""

from __future__ import annotations

from collections.abc import Collection as CollectionOf
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from semblance import errors
from semblance.contract import schema
from semblance.model.changes import Attributes, UserChange, user_changed
from semblance.model.gallery import Collection, User
from semblance.stores.reading import batch_get, query
from semblance.stores.transaction import MOST_ACTIONS, commit

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

    from semblance.embedding.codec import Codec
    from semblance.stores.changes import ChangeWriter

MOST_FACES_A_WRITE = MOST_ACTIONS - 3
"""The user, the change and a token take one action each."""

Action = dict[str, Any]


class UserTable:
    def __init__(self, table: Table, changes: ChangeWriter, *, codecs: Mapping[str, Codec]) -> None:
        """`codecs`: by model id. A collection of any other model can still lose users and faces."""
        self._table = table
        self._changes = changes
        self._codecs = codecs

    def get(self, uid: str, user_id: str) -> User:
        user = self.slot(uid, user_id)
        if user is None or user.deleted:
            raise errors.ResourceNotFoundException(f"The user id: {user_id} does not exist")
        return user

    def slot(self, uid: str, user_id: str) -> User | None:
        """The user; if it was deleted, its id and version, for as long as the table keeps them."""
        key = schema.user_key(uid, user_id)
        item = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
        return None if item is None else _from_item(item)

    def get_many(self, uid: str, user_ids: CollectionOf[str]) -> dict[str, User]:
        """By id, strongly consistent; only users that exist and have faces."""
        keys = [schema.user_key(uid, user_id) for user_id in user_ids]
        users = map(_from_item, batch_get(self._table, keys))
        return {user.id: user for user in users if user.face_ids}

    def page(self, uid: str, *, after: str | None, limit: int) -> tuple[list[User], bool]:
        """At most `limit` users after the id `after`, in ascending order of the id, and whether
        there are more."""
        users: list[User] = []
        for user in self._all(uid, after, page_size=limit + 1):
            if len(users) == limit:
                return users, True
            users.append(user)
        return users, False

    def all(self, uid: str) -> Iterator[User]:
        return self._all(uid, None)

    def write(
        self,
        collection: Collection,
        before: User | None,
        after: User,
        *,
        associate: Sequence[str] = (),
        disassociate: Sequence[str] = (),
        also: Sequence[Action] = (),
    ) -> None:
        """Replaces `before` by `after`, and sets or removes the user id in these faces.

        Raises Conflict when the user or a face has changed since it was read. At most
        MOST_FACES_A_WRITE faces. `also`: further actions of the transaction.
        """
        uid = collection.uid
        change = self._changes.item(uid, self._change(collection.model_id, after))
        actions = [
            self._put_user(uid, before, after, change[schema.EXPIRES_AT]),
            {"Put": {"TableName": self._table.name, "Item": change}},
            *(self._associate(uid, face_id, after.id) for face_id in associate),
            *(self._disassociate(uid, face_id, after.id) for face_id in disassociate),
            *also,
        ]
        commit(self._table.meta.client, actions)

    def _change(self, model_id: str, user: User) -> Attributes:
        """With a code by the collection's own codec, which may not be the deployment's."""
        codec = self._codecs.get(model_id)
        if not user.face_ids:
            return user_changed(UserChange(user.id, user.version, b""))
        if codec is None:
            return user_changed(UserChange(user.id, user.version, None))
        code = codec.encode(user.embedding)
        return user_changed(UserChange(user.id, user.version, code), codec.mark)

    def _put_user(self, uid: str, before: User | None, after: User, expires_at: int) -> Action:
        put: Action = {
            "TableName": self._table.name,
            "Item": _to_item(uid, after, expires_at),
            "ConditionExpression": f"attribute_not_exists({schema.PARTITION_KEY})",
        }
        if before is not None:
            put["ConditionExpression"] = "version = :before"
            put["ExpressionAttributeValues"] = {":before": before.version}
        return {"Put": put}

    def _associate(self, uid: str, face_id: str, user_id: str) -> Action:
        free_face = (
            f"attribute_exists({schema.PARTITION_KEY}) "
            f"AND attribute_not_exists({schema.EXPIRES_AT}) AND attribute_not_exists(user_id)"
        )
        return self._update_face(uid, face_id, "SET user_id = :user", free_face, user_id)

    def _disassociate(self, uid: str, face_id: str, user_id: str) -> Action:
        return self._update_face(uid, face_id, "REMOVE user_id", "user_id = :user", user_id)

    def _update_face(
        self, uid: str, face_id: str, update: str, condition: str, user_id: str
    ) -> Action:
        return {
            "Update": {
                "TableName": self._table.name,
                "Key": schema.face_key(uid, face_id),
                "UpdateExpression": update,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": {":user": user_id},
            }
        }

    def _all(self, uid: str, after: str | None, **limits: int) -> Iterator[User]:
        partition = Key(schema.PARTITION_KEY).eq(schema.users_partition(uid))
        condition = partition if after is None else partition & Key(schema.SORT_KEY).gt(after)
        options = {"Limit": limits["page_size"]} if limits else {}
        items = query(
            self._table,
            KeyConditionExpression=condition,
            FilterExpression=Attr(schema.EXPIRES_AT).not_exists(),
            **options,
        )
        yield from map(_from_item, items)


def _to_item(uid: str, user: User, expires_at: int) -> dict[str, Any]:
    item = schema.user_key(uid, user.id) | {"version": user.version}
    if user.deleted:
        return item | {schema.EXPIRES_AT: expires_at}
    return item | {"face_ids": list(user.face_ids), "embedding": user.embedding}


def _from_item(item: dict[str, Any]) -> User:
    return User(
        id=item[schema.SORT_KEY],
        version=int(item["version"]),
        face_ids=tuple(item.get("face_ids", ())),
        embedding=bytes(item.get("embedding", b"")),
        deleted=schema.EXPIRES_AT in item,
    )
