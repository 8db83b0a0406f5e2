"""Faces in DynamoDB. A face and the change that announces it are written in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from boto3.dynamodb.conditions import Attr, ConditionBase, Key

from semblance import errors
from semblance.contract import schema
from semblance.model import ids
from semblance.model.changes import faces_added, faces_removed
from semblance.model.detected import Box
from semblance.model.gallery import Face
from semblance.stores.reading import READS_AT_ONCE, Item, batch_get, in_parts, query
from semblance.stores.transaction import MOST_ACTIONS, Conflict, commit

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

    from semblance.embedding.codec import Codec
    from semblance.stores.changes import ChangeWriter

_FACES_A_TRANSACTION = MOST_ACTIONS - 1
"""The change takes one action."""
_TRIES = 6


class Stored(NamedTuple):
    """The faces as they now stand in the table, in the order given, and how many are new."""

    faces: list[Face]
    new: int


class FaceTable:
    def __init__(self, table: Table, changes: ChangeWriter, *, codec: Codec) -> None:
        """`codec`: of the faces that are added. The deployment's, since it adds faces to no
        collection of another model."""
        self._table = table
        self._client = table.meta.client
        self._changes = changes
        self._codec = codec

    def add(self, uid: str, faces: Sequence[Face]) -> Stored:
        """Stores the faces that are not in the table yet. A face that was deleted before gets a
        new id."""
        created = 0
        for _ in range(_TRIES):
            settled, items = self._settle(uid, faces)
            new = list({face.id: face for face in settled if face.id not in items}.values())
            try:
                for part in in_parts(new, _FACES_A_TRANSACTION):
                    self._put(uid, part)
                    created += len(part)
            except Conflict:
                continue  # another call stored or deleted one of them since it was read
            stored = {face_id: _from_item(item) for face_id, item in items.items()}
            return Stored([stored.get(face.id, face) for face in settled], created)
        raise errors.ThrottlingException

    def remove(self, uid: str, face_ids: Sequence[str]) -> list[str]:
        """Deletes those that exist and belong to no user, and returns their ids."""
        return [
            face_id
            for part in in_parts(face_ids, _FACES_A_TRANSACTION)
            for face_id in self._remove(uid, part)
        ]

    def get_many(self, uid: str, face_ids: Collection[str]) -> dict[str, Face]:
        """By id, strongly consistent; a face that does not exist is left out."""
        items = self._items(uid, face_ids)
        return {face_id: _from_item(item) for face_id, item in items.items() if _is_face(item)}

    def page(
        self, uid: str, *, after: str | None, limit: int, since: float = 0.0
    ) -> tuple[list[Face], bool]:
        """At most `limit` faces after the id `after`, in ascending order of the id, and whether
        there are more. Only faces indexed at `since` (epoch seconds) or later."""
        faces: list[Face] = []
        for face in self._ascending(uid, after, since, page_size=limit + 1):
            if len(faces) == limit:
                return faces, True
            faces.append(face)
        return faces, False

    def embeddings(self, uid: str) -> Iterator[tuple[str, bytes]]:
        """Every face id of the collection with its stored embedding. Reads partitions in
        parallel."""
        with ThreadPoolExecutor(READS_AT_ONCE) as pool:
            for items in pool.map(partial(self._shard_embeddings, uid), schema.SHARDS):
                yield from items

    def named(self, uid: str, external_image_id: str) -> Iterator[str]:
        """The ids of all faces with this external image id. Reads the whole collection."""
        yield from self._ids_where(uid, Attr("external_image_id").eq(external_image_id))

    def indexed_before(self, uid: str, at: float, *, at_once: int) -> Iterator[list[str]]:
        """The ids of faces indexed before `at` (epoch seconds), in lists of `at_once`. Reads the
        whole collection."""
        old = self._ids_where(uid, Attr("indexed_at").lt(Decimal(f"{at:.3f}")))
        while ids := list(islice(old, at_once)):
            yield ids

    # Writing

    def _settle(self, uid: str, faces: Sequence[Face]) -> tuple[list[Face], dict[str, Item]]:
        """The faces, each under an id that was never deleted, and the items of those that
        exist."""
        settled = list(faces)
        while True:
            items = self._items(uid, {face.id for face in settled})
            deleted = {face_id for face_id, item in items.items() if not _is_face(item)}
            if not deleted:
                return settled, items
            settled = [
                replace(face, id=ids.successor(face.id)) if face.id in deleted else face
                for face in settled
            ]

    def _put(self, uid: str, faces: Sequence[Face]) -> None:
        puts = [
            self._put_action(_to_item(uid, face), f"attribute_not_exists({schema.PARTITION_KEY})")
            for face in faces
        ]
        codes = [self._codec.encode(face.embedding) for face in faces]
        added = faces_added([face.id for face in faces], codes, self._codec.mark)
        change = self._changes.item(uid, added)
        commit(self._client, [*puts, self._put_action(change)])

    def _remove(self, uid: str, face_ids: Sequence[str]) -> list[str]:
        for _ in range(_TRIES):
            found = self.get_many(uid, face_ids)
            free = [face_id for face_id, face in found.items() if face.user_id is None]
            if not free:
                return []
            try:
                self._strip(uid, free)
            except Conflict:
                continue  # another call deleted one, or associated it with a user
            return free
        raise errors.ThrottlingException

    def _strip(self, uid: str, face_ids: list[str]) -> None:
        """Leaves the bare keys behind, so that no new face gets one of these ids (see schema)."""
        change = self._changes.item(uid, faces_removed(face_ids))
        lifetime = {schema.EXPIRES_AT: change[schema.EXPIRES_AT]}
        condition = (
            f"attribute_exists({schema.PARTITION_KEY}) "
            f"AND attribute_not_exists({schema.EXPIRES_AT}) AND attribute_not_exists(user_id)"
        )
        strips = [
            self._put_action(schema.face_key(uid, face_id) | lifetime, condition)
            for face_id in face_ids
        ]
        commit(self._client, [*strips, self._put_action(change)])

    def _put_action(self, item: Item, condition: str | None = None) -> dict[str, Any]:
        put: dict[str, Any] = {"TableName": self._table.name, "Item": item}
        return {"Put": put | ({"ConditionExpression": condition} if condition else {})}

    # Reading

    def _items(self, uid: str, face_ids: Collection[str]) -> dict[str, Item]:
        keys = [schema.face_key(uid, face_id) for face_id in dict.fromkeys(face_ids)]
        return {item[schema.SORT_KEY]: item for item in batch_get(self._table, keys)}

    def _ascending(
        self, uid: str, after: str | None, since: float, *, page_size: int
    ) -> Iterator[Face]:
        for shard in schema.SHARDS[int(after[0], 16) if after else 0 :]:
            condition: ConditionBase = Key(schema.PARTITION_KEY).eq(
                schema.faces_partition(uid, shard)
            )
            if after and after[0] == shard:
                condition &= Key(schema.SORT_KEY).gt(after)
            items = query(
                self._table,
                KeyConditionExpression=condition,
                FilterExpression=Attr(schema.EXPIRES_AT).not_exists()
                & Attr("indexed_at").gte(Decimal(f"{since:.3f}")),
                Limit=page_size,
            )
            yield from map(_from_item, items)

    def _ids_where(self, uid: str, condition: ConditionBase) -> Iterator[str]:
        for shard in schema.SHARDS:
            partition = schema.faces_partition(uid, shard)
            items = query(
                self._table,
                KeyConditionExpression=Key(schema.PARTITION_KEY).eq(partition),
                FilterExpression=Attr(schema.EXPIRES_AT).not_exists() & condition,
                ProjectionExpression=schema.SORT_KEY,
            )
            yield from (item[schema.SORT_KEY] for item in items)

    def _shard_embeddings(self, uid: str, shard: str) -> list[tuple[str, bytes]]:
        items = query(
            self._table,
            KeyConditionExpression=Key(schema.PARTITION_KEY).eq(schema.faces_partition(uid, shard)),
            FilterExpression=Attr(schema.EXPIRES_AT).not_exists(),
            ProjectionExpression=f"{schema.SORT_KEY}, embedding",
        )
        return [(item[schema.SORT_KEY], bytes(item["embedding"])) for item in items]


def _is_face(item: Item) -> bool:
    return schema.EXPIRES_AT not in item


def _to_item(uid: str, face: Face) -> Item:
    edges = (face.box.left, face.box.top, face.box.width, face.box.height)
    item = schema.face_key(uid, face.id) | {
        "image_id": face.image_id,
        "box": [Decimal(repr(edge)) for edge in edges],
        "confidence": Decimal(repr(face.confidence)),
        "embedding": face.embedding,
        "indexed_at": Decimal(f"{face.indexed_at:.3f}"),
        "external_image_id": face.external_image_id,
        "user_id": face.user_id,
    }
    return {name: value for name, value in item.items() if value is not None}


def _from_item(item: Item) -> Face:
    return Face(
        id=item[schema.SORT_KEY],
        image_id=item["image_id"],
        box=Box(*map(float, item["box"])),
        confidence=float(item["confidence"]),
        embedding=bytes(item["embedding"]),
        indexed_at=float(item["indexed_at"]),
        external_image_id=item.get("external_image_id"),
        user_id=item.get("user_id"),
    )
