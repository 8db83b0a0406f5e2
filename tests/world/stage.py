"""The stage that specimens play on: a collection with two people in it, and objects in S3."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from tools.checkout import PHOTOS

MOST_BYTES = 15 * 2**20

Call = Callable[..., dict[str, Any]]
"""`call(operation, **request)`."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """tools/specimens/specimen.py says what the collection holds."""

    call: Call
    bucket: str
    versions: Mapping[str, str | None]
    """Of the objects in the bucket, by their names here."""
    collection: str
    arn: str
    obama: str
    biden: str

    @classmethod
    def set_up(cls, call: Call, s3: Any, bucket: str, **more: Any) -> Self:
        versions = {
            name: s3.put_object(Bucket=bucket, Key=key_of(name), Body=content).get("VersionId")
            for name, content in objects().items()
        }
        collection = new_collection(call)
        obama = index(call, collection, "obama")
        biden = index(call, collection, "biden")
        for user_id in ("barack", "zoe"):
            call("CreateUser", CollectionId=collection, UserId=user_id)
        call("AssociateFaces", CollectionId=collection, UserId="barack", FaceIds=[obama])
        arn = call("DescribeCollection", CollectionId=collection)["CollectionARN"]
        return cls(
            call=call, bucket=bucket, versions=versions, collection=collection, arn=arn,
            obama=obama, biden=biden, **more,
        )  # fmt: skip

    @property
    def here(self) -> dict[str, Any]:
        return {"CollectionId": self.collection}

    @property
    def barack(self) -> dict[str, Any]:
        return self.here | {"UserId": "barack"}

    def inline(self, photo: str) -> dict[str, Any]:
        return inline(photo)

    def stored(self, name: str, *, version: bool = False) -> dict[str, Any]:
        which = {"Version": self.versions[name]} if version else {}
        return {"S3Object": {"Bucket": self.bucket, "Name": key_of(name)} | which}

    def elsewhere(self) -> dict[str, Any]:
        return {"CollectionId": new_collection(self.call)}

    def new_user(self) -> dict[str, Any]:
        user = self.elsewhere() | {"UserId": "somebody"}
        self.call("CreateUser", **user)
        return user


def objects() -> dict[str, bytes]:
    photos = {f"{name}.jpg": photo(f"{name}.jpg") for name in ("obama", "obama2", "biden")}
    solvay = {"solvay.jpg": photo("solvay_conference_1927.jpg")}
    return photos | solvay | {"text": b"no picture", "huge": bytes(MOST_BYTES + 1)}


def key_of(name: str) -> str:
    """No rule of the stack takes an object under this key for a dropped photo."""
    return f"contract/{name}"


def photo(name: str) -> bytes:
    return (PHOTOS / name).read_bytes()


def inline(name: str) -> dict[str, bytes]:
    return {"Bytes": photo(name)}


def new_collection(call: Call) -> str:
    collection_id = f"contract-{uuid.uuid4()}"
    call("CreateCollection", CollectionId=collection_id)
    return collection_id


def index(call: Call, collection_id: str, name: str) -> str:
    reply = call(
        "IndexFaces",
        CollectionId=collection_id,
        Image=inline(f"{name}.jpg"),
        ExternalImageId=name,
    )
    return str(reply["FaceRecords"][0]["Face"]["FaceId"])
