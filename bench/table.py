"""The DynamoDB table of the stand-in: keeps written items and makes up the items of faces.

Every collection has the same generated faces, as many as the stand-in was started with.
"""

import base64
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from bench.collection import face_id, row_of
from bench.vectors import Store
from semblance.contract import schema

_FACES_A_PAGE = 2_000
"""A reply of DynamoDB holds at most a megabyte."""


class Attribute(TypedDict, total=False):
    """A value on the wire: its one member is named after its type."""

    S: str
    N: str
    B: str
    L: "list[Attribute]"


Attributes = dict[str, Attribute]
Rows = NDArray[np.intp]
Reply = dict[str, Any]
"""As botocore reads it: this stand-in writes four of its shapes."""


class Wanted(TypedDict):
    Keys: list[Attributes]


class Request(TypedDict, total=False):
    Item: Attributes
    Key: Attributes
    RequestItems: dict[str, Wanted]
    ExpressionAttributeValues: Attributes
    ExclusiveStartKey: Attributes


_START: Attributes = {"first": {"S": "0"}}


class Table:
    def __init__(self, store: Store, faces: int) -> None:
        self._store, self._faces = store, faces
        self._items: dict[tuple[str, str], Attributes] = {}
        self._answers: dict[str, Callable[[Request], Reply]] = {
            "PutItem": self._put,
            "GetItem": self._get,
            "BatchGetItem": self._batch_get,
            "Query": self._query,
            "UpdateItem": lambda request: {},
        }

    def answer(self, operation: str, request: Request) -> Reply:
        return self._answers[operation](request)

    def _put(self, request: Request) -> Reply:
        item = request["Item"]
        self._items[_key(item)] = item
        return {}

    def _get(self, request: Request) -> Reply:
        return {"Item": item} if (item := self._items.get(_key(request["Key"]))) else {}

    def _batch_get(self, request: Request) -> Reply:
        ((name, wanted),) = request["RequestItems"].items()
        keys = wanted["Keys"]
        rows = np.array([row_of(key[schema.SORT_KEY]["S"]) for key in keys], np.intp)
        found = [
            key | _face(embedding)
            for key, embedding in zip(keys, self._store.take(rows), strict=True)
        ]
        return {"Responses": {name: found}, "UnprocessedKeys": {}}

    def _query(self, request: Request) -> Reply:
        """A page of faces. There are no changes and no users, so any other partition is empty."""
        values = [
            value["S"] for value in request["ExpressionAttributeValues"].values() if "S" in value
        ]
        (partition, *_) = [value for value in values if "#" in value] or [""]
        if not partition.startswith("F#"):
            return {"Items": [], "Count": 0}
        shard = self._shards[int(partition[-1], 16)]
        first = int(request.get("ExclusiveStartKey", _START)["first"]["S"])
        rows = shard[first : first + _FACES_A_PAGE]
        items = [
            {"sk": {"S": face_id(int(row))}, "embedding": {"B": _text(embedding)}}
            for row, embedding in zip(rows, self._store.take(rows), strict=True)
        ]
        more = first + len(rows) < len(shard)
        start = {"LastEvaluatedKey": {"first": {"S": str(first + len(rows))}}} if more else {}
        return {"Items": items, "Count": len(items)} | start

    @cached_property
    def _shards(self) -> list[Rows]:
        shards: list[list[int]] = [[] for _ in schema.SHARDS]
        for row in range(self._faces):
            shards[int(face_id(row)[0], 16)].append(row)
        return [np.array(shard, np.intp) for shard in shards]


def _key(item: Attributes) -> tuple[str, str]:
    return item[schema.PARTITION_KEY]["S"], item[schema.SORT_KEY]["S"]


def _face(embedding: bytes) -> Attributes:
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
