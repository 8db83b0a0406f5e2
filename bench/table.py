"""The table of a stand-in for DynamoDB: what is written is kept, and a collection's faces are made.

Every collection has the same generated faces, as many as it was started with.
"""

import base64
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from bench.collection import face_id, row_of
from bench.vectors import Store
from semblance.contract import schema

_FACES_A_PAGE = 2_000
"""As many as go into the megabyte that is DynamoDB's limit."""

Item = dict[str, Any]


class Table:
    def __init__(self, store: Store, faces: int) -> None:
        self._store, self._faces = store, faces
        self._items: dict[tuple[str, str], Item] = {}
        self._answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "PutItem": self._put,
            "GetItem": self._get,
            "BatchGetItem": self._batch_get,
            "Query": self._query,
            "UpdateItem": lambda request: {},
        }

    def answer(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        return self._answers[operation](request)

    def _put(self, request: dict[str, Any]) -> dict[str, Any]:
        item = request["Item"]
        self._items[_key(item)] = item
        return {}

    def _get(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"Item": item} if (item := self._items.get(_key(request["Key"]))) else {}

    def _batch_get(self, request: dict[str, Any]) -> dict[str, Any]:
        ((name, wanted),) = request["RequestItems"].items()
        keys = wanted["Keys"]
        rows = np.array([row_of(key[schema.SORT_KEY]["S"]) for key in keys], np.intp)
        found = [
            key | _face(embedding) for key, embedding in zip(keys, self._take(rows), strict=True)
        ]
        return {"Responses": {name: found}, "UnprocessedKeys": {}}

    def _query(self, request: dict[str, Any]) -> dict[str, Any]:
        """Of changes and users there are none."""
        values = [
            value["S"] for value in request["ExpressionAttributeValues"].values() if "S" in value
        ]
        (partition, *_) = [value for value in values if "#" in value] or [""]
        if not partition.startswith("F#"):
            return {"Items": [], "Count": 0}
        shard = self._shards[int(partition[-1], 16)]
        first = int(request.get("ExclusiveStartKey", {}).get("first", {"S": "0"})["S"])
        rows = shard[first : first + _FACES_A_PAGE]
        items = [
            {"sk": {"S": face_id(int(row))}, "embedding": {"B": _text(embedding)}}
            for row, embedding in zip(rows, self._take(rows), strict=True)
        ]
        more = first + len(rows) < len(shard)
        start = {"LastEvaluatedKey": {"first": {"S": str(first + len(rows))}}} if more else {}
        return {"Items": items, "Count": len(items)} | start

    @cached_property
    def _shards(self) -> list[Any]:
        shards: list[list[int]] = [[] for _ in schema.SHARDS]
        for row in range(self._faces):
            shards[int(face_id(row)[0], 16)].append(row)
        return [np.array(shard, np.intp) for shard in shards]

    def _take(self, rows: Any) -> Iterator[bytes]:
        content = self._store.take(rows)
        size = len(content) // max(1, len(rows))
        return (content[start : start + size] for start in range(0, len(content), size))


def _key(item: Item) -> tuple[str, str]:
    return item[schema.PARTITION_KEY]["S"], item[schema.SORT_KEY]["S"]


def _face(embedding: bytes) -> Item:
    return {
        "image_id": {"S": "0a3f7c1e-6f0b-5d1a-8f52-3f7f6b0c9e44"},
        "external_image_id": {"S": "somebody"},
        "box": {"L": [{"N": "0.25"}] * 4},
        "confidence": {"N": "99.9"},
        "indexed_at": {"N": "1790000000.5"},
        "embedding": {"B": _text(embedding)},
    }


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
