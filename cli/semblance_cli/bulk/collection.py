"""The collection that a command works on: whether it is there, and which pictures are in it."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from semblance_cli.bulk.delivery import Known
from semblance_cli.problems import CommandError, code_of, note, status_of

_FORBIDDEN = 403
_PAGE = 4096


def look(
    rekognition: Any, collection: str, *, indexing: bool, create: bool, dry_run: bool
) -> Known:
    """Creates it when that is asked for."""
    try:
        created = _described(rekognition, collection)
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
    return Known(_described(rekognition, collection), {}, indexing)


def _images(rekognition: Any, collection: str) -> dict[str, set[str]]:
    """The image ids that are indexed under each ExternalImageId."""
    found = defaultdict(set)
    pages = rekognition.get_paginator("list_faces").paginate(
        CollectionId=collection, PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        for face in page["Faces"]:
            found[face.get("ExternalImageId", "")].add(face["ImageId"])
    return dict(found)


def _described(rekognition: Any, collection: str) -> datetime:
    created: datetime = rekognition.describe_collection(CollectionId=collection)[
        "CreationTimestamp"
    ]
    return created


def _refused(error: ClientError) -> Exception:
    if status_of(error) == _FORBIDDEN:
        return CommandError(
            f"The API does not let these credentials in ({error}). What it takes: "
            "execute-api:Invoke on it; docs/bulk.md has the whole policy."
        )
    return CommandError(str(error))
