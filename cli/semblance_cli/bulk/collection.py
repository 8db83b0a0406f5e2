"""The collection that the photos are for: whether it exists, and which pictures it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from semblance_cli.problems import CommandError, code_of, refused_by_the_api
from semblance_cli.terminal import note

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient

_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Known:
    """A collection before any photo is sent."""

    created: datetime
    images: Mapping[str, set[str]] = field(default_factory=dict)
    """The image ids that are indexed under each ExternalImageId."""
    indexing: bool = False
    """Whether `images` was asked for: then a photo is done when its faces are in the collection."""
    free: frozenset[str] = frozenset()
    """The ExternalImageIds that have a face which belongs to no user."""


def find(
    rekognition: RekognitionClient, collection: str, *, create: bool, dry_run: bool
) -> datetime | None:
    """When the collection was created. With `create` a missing one is made; None in a dry run."""
    try:
        return _created(rekognition, collection)
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise refused_by_the_api(error, rekognition.meta) from error
        if not create:
            raise CommandError(
                f"There is no collection {collection}. `semblance import-folder` creates it with "
                "--create."
            ) from error
    if dry_run:
        note(f"The collection {collection} would be created.")
        return None
    try:
        rekognition.create_collection(CollectionId=collection)
        note(f"Created the collection {collection}.")
        return _created(rekognition, collection)
    except ClientError as error:
        raise refused_by_the_api(error, rekognition.meta) from error


def look(
    rekognition: RekognitionClient, collection: str, created: datetime | None, *, indexing: bool
) -> Known:
    """The collection that `find` has found, with the images in it if photos are to be indexed."""
    if created is None:
        return Known(datetime.now(UTC), indexing=indexing)
    try:
        return _known(rekognition, collection, created) if indexing else Known(created)
    except ClientError as error:
        raise refused_by_the_api(error, rekognition.meta) from error


def _known(rekognition: RekognitionClient, collection: str, created: datetime) -> Known:
    images: defaultdict[str, set[str]] = defaultdict(set)
    free = set()
    pages = rekognition.get_paginator("list_faces").paginate(
        CollectionId=collection, PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        for face in page["Faces"]:
            name = face.get("ExternalImageId", "")
            images[name].add(face["ImageId"])
            if "UserId" not in face:
                free.add(name)
    return Known(created, dict(images), indexing=True, free=frozenset(free))


def _created(rekognition: RekognitionClient, collection: str) -> datetime:
    return rekognition.describe_collection(CollectionId=collection)["CreationTimestamp"]
