"""Collections in DynamoDB: a name that points to a uid, which all other items carry in a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, ConditionBase, Key
from botocore.exceptions import ClientError

from semblance import errors
from semblance.contract import schema
from semblance.model.gallery import Collection
from semblance.stores.reading import query
from semblance.stores.transaction import Conflict, commit

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

_READ_AT_LEAST = 1000
_COUNT_LOST = {
    "ConditionalCheckFailedException",  # the collection is gone, and its count with it
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "TransactionConflictException",
}


class CollectionTable:
    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, collection: Collection) -> None:
        try:
            self._table.put_item(
                Item=_to_item(collection),
                ConditionExpression=Attr(schema.PARTITION_KEY).not_exists(),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._table.meta.client.exceptions.ConditionalCheckFailedException as exc:
            standing: Any = exc.response.get("Item", {})
            if standing.get("uid") == {"S": collection.uid}:
                return  # this very call: boto3 sent it again because the first reply was lost
            raise errors.ResourceAlreadyExistsException(
                f"The collection id: {collection.id} already exists"
            ) from exc

    def get(self, collection_id: str) -> Collection:
        """Raises ResourceNotFoundException."""
        collection = self.find(collection_id)
        if collection is None:
            raise _unknown(collection_id)
        return collection

    def find(self, collection_id: str) -> Collection | None:
        key = schema.collection_key(collection_id)
        item = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
        return None if item is None else _from_item(item)

    def page(
        self, *, after: str | None, limit: int, sees: Callable[[str], bool] | None = None
    ) -> tuple[list[Collection], bool]:
        """At most `limit` collections after the id `after`, in ascending order of the id, and
        whether there are more. Ids for which `sees` is False are skipped, as if they did not
        exist."""
        condition: ConditionBase = Key(schema.PARTITION_KEY).eq(schema.collections_partition())
        if after is not None:
            condition &= Key(schema.SORT_KEY).gt(after)
        items: list[dict[str, Any]] = []
        start: dict[str, Any] = {}
        while len(items) <= limit:
            wanted = limit + 1 - len(items)
            reply = self._table.query(
                KeyConditionExpression=condition,
                ConsistentRead=True,
                # The caller may see few of many: with small pages the others would cost a read
                # each.
                Limit=wanted if sees is None else max(wanted, _READ_AT_LEAST),
                **start,
            )
            found: list[dict[str, Any]] = reply["Items"]
            items += [each for each in found if sees is None or sees(each[schema.SORT_KEY])]
            if "LastEvaluatedKey" not in reply:
                break
            start = {"ExclusiveStartKey": reply["LastEvaluatedKey"]}
        return [_from_item(item) for item in items[:limit]], len(items) > limit

    def all(self) -> Iterator[Collection]:
        partition = Key(schema.PARTITION_KEY).eq(schema.collections_partition())
        return map(_from_item, query(self._table, KeyConditionExpression=partition))

    def standing(self, collection: Collection) -> Collection | None:
        """The collection as it is now; None when it was deleted, even if its name is in use
        again."""
        named = self.find(collection.id)
        return named if named is not None and named.uid == collection.uid else None

    def delete(self, collection: Collection, *, at: float) -> None:
        """Frees the name and leaves a tombstone of the uid, whose data maintenance then erases.

        `at`: epoch seconds.
        """
        tombstone = schema.erasure_key(collection.uid) | {"deleted_at": Decimal(str(at))}
        name = self._table.name
        actions = [
            {
                "Delete": {
                    "TableName": name,
                    "Key": schema.collection_key(collection.id),
                    "ConditionExpression": "uid = :uid",
                    "ExpressionAttributeValues": {":uid": collection.uid},
                }
            },
            {"Put": {"TableName": name, "Item": tombstone}},
        ]
        try:
            commit(self._table.meta.client, actions)
        except Conflict as exc:
            raise _unknown(collection.id) from exc

    def retag(self, collection: Collection, tags: Mapping[str, str]) -> None:
        """Raises Conflict when the tags have changed since `collection` was read."""
        try:
            self._table.update_item(
                Key=schema.collection_key(collection.id),
                UpdateExpression="SET tags = :tags",
                ConditionExpression=Attr("uid").eq(collection.uid)
                & Attr("tags").eq(dict(collection.tags)),
                ExpressionAttributeValues={":tags": dict(tags)},
            )
        except self._table.meta.client.exceptions.ConditionalCheckFailedException as exc:
            raise Conflict from exc

    def count(self, collection: Collection, *, faces: int = 0, users: int = 0) -> None:
        """Adds to the counts. The faces are committed by now, so a busy table must not fail the
        call: maintenance corrects a lost count."""
        try:
            self._table.update_item(
                Key=schema.collection_key(collection.id),
                UpdateExpression="ADD face_count :faces, user_count :users",
                ConditionExpression=Attr("uid").eq(collection.uid),
                ExpressionAttributeValues={":faces": faces, ":users": users},
            )
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in _COUNT_LOST:
                raise

    def recount(self, collection: Collection, *, faces: int, users: int) -> bool:
        """Sets the counts. False when they have changed since `collection` was read."""
        try:
            self._table.update_item(
                Key=schema.collection_key(collection.id),
                UpdateExpression="SET face_count = :faces, user_count = :users",
                ConditionExpression=Attr("uid").eq(collection.uid)
                & Attr("face_count").eq(collection.face_count)
                & Attr("user_count").eq(collection.user_count),
                ExpressionAttributeValues={":faces": faces, ":users": users},
            )
        except self._table.meta.client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _unknown(collection_id: str) -> errors.ResourceNotFoundException:
    return errors.ResourceNotFoundException(f"The collection id: {collection_id} does not exist")


def _to_item(collection: Collection) -> dict[str, Any]:
    return schema.collection_key(collection.id) | {
        "uid": collection.uid,
        "created_at": Decimal(str(collection.created_at)),
        "model_id": collection.model_id,
        "face_count": collection.face_count,
        "user_count": collection.user_count,
        "tags": dict(collection.tags),
    }


def _from_item(item: dict[str, Any]) -> Collection:
    return Collection(
        id=item[schema.SORT_KEY],
        uid=item["uid"],
        created_at=float(item["created_at"]),
        model_id=item["model_id"],
        face_count=int(item["face_count"]),
        user_count=int(item["user_count"]),
        tags=item["tags"],
    )
