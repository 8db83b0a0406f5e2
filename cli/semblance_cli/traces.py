"""What the buckets hold of a person: results of dropped photos, and the photos themselves."""

import json
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from botocore.exceptions import ClientError

from semblance_cli.problems import code_of

AT_ONCE = 16
_TRIES = 5
_CHANGED = {"PreconditionFailed", "ConditionalRequestConflict"}

Progress = Callable[[int], None]
"""Called with how many objects have been looked at."""


@dataclass(frozen=True, slots=True)
class Person:
    collection: str
    face_ids: frozenset[str]
    external_image_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cleared:
    looked_at: int
    erased: int
    """Objects that were deleted, or rewritten without the person."""
    left: int
    """Objects that hold something all the same: somebody keeps writing them."""


def clear_results(s3: Any, bucket: str, person: Person, progress: Progress) -> Cleared:
    """Deletes the results of the person's own photos, and takes the person out of all others."""
    keys = list(_result_keys(s3, bucket, person))
    work = partial(_clear_result, s3, bucket, person)
    outcomes = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for outcome in pool.map(work, keys):
            outcomes.append(outcome)
            progress(len(outcomes))
    return Cleared(len(keys), outcomes.count("erased"), outcomes.count("left"))


def clear_photos(s3: Any, bucket: str, person: Person, progress: Progress) -> Cleared:
    """All versions of the photos that were dropped to be indexed under the person's names."""
    looked_at = erased = 0
    for name in sorted(person.external_image_ids):
        for version in _versions(s3, bucket, f"index/{person.collection}/{name}"):
            looked_at += 1
            if _stem(version["Key"], f"index/{person.collection}/") == name:
                s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
                erased += 1
            progress(looked_at)
    return Cleared(looked_at, erased, 0)


def _result_keys(s3: Any, bucket: str, person: Person) -> Iterator[str]:
    for task in ("index", "search"):
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=f"results/{task}/{person.collection}/"
        )
        for page in pages:
            yield from (entry["Key"] for entry in page.get("Contents", ()))


def _versions(s3: Any, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        yield from page.get("Versions", ())


def _clear_result(s3: Any, bucket: str, person: Person, key: str) -> str:
    own = _stem(key.removesuffix(".json"), f"results/index/{person.collection}/")
    if own in person.external_image_ids:
        s3.delete_object(Bucket=bucket, Key=key)
        return "erased"
    for attempt in range(_TRIES):
        reply = s3.get_object(Bucket=bucket, Key=key)
        text = reply["Body"].read().decode()
        if not _names(text, person.face_ids):
            return "erased" if attempt else "clean"
        without = json.dumps(_without(json.loads(text), person.face_ids), indent=2)
        _replace(s3, bucket, key, reply, without)
    return "left"


def _replace(s3: Any, bucket: str, key: str, standing: Any, text: str) -> None:
    """Only while it stands as it was read; the next look tells."""
    try:
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=text.encode(),
            ContentType="application/json",
            Metadata=standing["Metadata"],
            IfMatch=standing["ETag"],
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


def _stem(key: str, prefix: str) -> str | None:
    """The external image id that a photo's key stands for."""
    if not key.startswith(prefix):
        return None
    return str(PurePosixPath(key.removeprefix(prefix)).with_suffix(""))
