"""The collection that the photos are for: whether it exists, and which pictures it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from semblance_cli.problems import CommandError, code_of, status_of
from semblance_cli.terminal import note

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient

_FORBIDDEN = 403
_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Known:
    """A collection before any photo is sent."""

    created: datetime
    images: Mapping[str, set[str]] = field(default_factory=dict)
    """The image ids that are indexed under each ExternalImageId."""
    indexing: bool = False
    """Whether `images` was asked for: then a photo is done when its faces are in the collection."""


def look(
    rekognition: RekognitionClient, collection: str, *, indexing: bool, create: bool, dry_run: bool
) -> Known:
    """With `create`, a missing collection is made, or in a dry run taken for an empty one."""
    try:
        created = _created(rekognition, collection)
        found = _images(rekognition, collection) if indexing else {}
        return Known(created, found, indexing)
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise _refused(error) from error
        if not create:
            raise CommandError(
                f"There is no collection {collection}. `semblance import-folder` creates it with "
                "--create."
            ) from error
    if dry_run:
        note(f"The collection {collection} would be created.")
        return Known(datetime.now(UTC), {}, indexing)
    rekognition.create_collection(CollectionId=collection)
    note(f"Created the collection {collection}.")
    return Known(_created(rekognition, collection), {}, indexing)


def _images(rekognition: RekognitionClient, collection: str) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    pages = rekognition.get_paginator("list_faces").paginate(
        CollectionId=collection, PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        for face in page["Faces"]:
            found[face.get("ExternalImageId", "")].add(face["ImageId"])
    return dict(found)


def _created(rekognition: RekognitionClient, collection: str) -> datetime:
    return rekognition.describe_collection(CollectionId=collection)["CreationTimestamp"]


def _refused(error: ClientError) -> CommandError:
    if status_of(error) == _FORBIDDEN:
        return CommandError(
            f"The API does not let these credentials in ({error}). They need execute-api:Invoke "
            "on it; docs/bulk.md has the whole policy."
        )
    return CommandError(str(error))
