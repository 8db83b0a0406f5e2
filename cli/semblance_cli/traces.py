"""Traces of a person in the buckets: results of dropped photos, and the photos themselves.

The table is erased by the compactor function; here objects are cleared: deleted, or rewritten
without the person.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from semblance.contract.layout import (
    INDEX,
    TASKS,
    external_image_id,
    parse_photo_key,
    photo_key,
    photo_of_result,
    results_prefix,
)
from semblance_cli.problems import code_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef, ObjectVersionTypeDef

AT_ONCE = 16
_TRIES = 5
_CHANGED = {"PreconditionFailed", "ConditionalRequestConflict"}

Progress = Callable[[int], None]
"""Called with the number of objects looked at so far."""


@dataclass(frozen=True, slots=True)
class Person:
    collection: str
    face_ids: frozenset[str]
    external_image_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cleared:
    looked_at: int
    cleared: int
    """Objects that were deleted, or rewritten without the person."""
    left: int
    """Objects that still name the person: others kept rewriting them, or the shape is unknown."""


class _Outcome(Enum):
    CLEAN = auto()
    CLEARED = auto()
    LEFT = auto()


def clear_results(s3: S3Client, bucket: str, person: Person, progress: Progress) -> Cleared:
    """Deletes the results of the person's own photos, and rewrites all others without them."""
    keys = list(_result_keys(s3, bucket, person))
    work = partial(_clear_result, s3, bucket, person)
    outcomes = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for outcome in pool.map(work, keys):
            outcomes.append(outcome)
            progress(len(outcomes))
    return Cleared(len(keys), outcomes.count(_Outcome.CLEARED), outcomes.count(_Outcome.LEFT))


def clear_photos(s3: S3Client, bucket: str, person: Person, progress: Progress) -> Cleared:
    """Deletes all versions of the photos that were indexed under the person's names."""
    looked_at = cleared = 0
    folder = photo_key(INDEX, person.collection, "")
    for name in sorted(person.external_image_ids):
        for version in _versions(s3, bucket, folder + name):
            looked_at += 1
            if external_image_id(parse_photo_key(version["Key"]).name) == name:
                s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
                cleared += 1
            progress(looked_at)
    return Cleared(looked_at, cleared, 0)


def _result_keys(s3: S3Client, bucket: str, person: Person) -> Iterator[str]:
    for task in TASKS:
        prefix = results_prefix(photo_key(task, person.collection, ""))
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield from (entry["Key"] for entry in page.get("Contents", ()))


def _versions(s3: S3Client, bucket: str, prefix: str) -> Iterator[ObjectVersionTypeDef]:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        yield from page.get("Versions", ())


def _clear_result(s3: S3Client, bucket: str, person: Person, key: str) -> _Outcome:
    if _is_of_own_photo(key, person):
        s3.delete_object(Bucket=bucket, Key=key)
        return _Outcome.CLEARED
    for attempt in range(_TRIES):
        reply = s3.get_object(Bucket=bucket, Key=key)
        text = reply["Body"].read().decode()
        if not _names(text, person.face_ids):
            return _Outcome.CLEARED if attempt else _Outcome.CLEAN
        without = json.dumps(_without(json.loads(text), person.face_ids), indent=2)
        _replace(s3, bucket, key, reply, without)
    return _Outcome.LEFT


def _is_of_own_photo(key: str, person: Person) -> bool:
    photo = photo_of_result(key)
    return (
        photo is not None
        and (photo.task, photo.collection_id) == (INDEX, person.collection)
        and external_image_id(photo.name) in person.external_image_ids
    )


def _replace(s3: S3Client, bucket: str, key: str, read: GetObjectOutputTypeDef, text: str) -> None:
    """Unless the object was written again since it was read: then the next try reads it anew."""
    try:
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=text.encode(),
            ContentType="application/json",
            Metadata=read["Metadata"],
            IfMatch=read["ETag"],
        )
    except ClientError as error:
        if code_of(error) not in _CHANGED:
            raise


def _without(value: Any, face_ids: Collection[str]) -> Any:
    """The same JSON without the records and matches of these faces."""
    if isinstance(value, list):
        return [_without(each, face_ids) for each in value if not _is_of(each, face_ids)]
    if isinstance(value, dict):
        return {name: _without(each, face_ids) for name, each in value.items()}
    return value


def _is_of(value: Any, face_ids: Collection[str]) -> bool:
    face = value.get("Face") if isinstance(value, dict) else None
    return isinstance(face, dict) and face.get("FaceId") in face_ids


def _names(text: str, face_ids: Collection[str]) -> bool:
    return any(face_id in text for face_id in face_ids)
