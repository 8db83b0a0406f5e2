"""TagResource, UntagResource, ListTagsForResource: a collection is the one resource there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from semblance import errors
from semblance.model.gallery import Collection
from semblance.service import Service, retention
from semblance.stores.transaction import Conflict

if TYPE_CHECKING:
    from types_boto3_rekognition import type_defs as requests

MOST_TAGS = 200
_TRIES = 6

Tags = Mapping[str, str]


def tag_resource(service: Service, request: requests.TagResourceRequestTypeDef) -> dict[str, Any]:
    """Sets tags of a collection, at most 200.

    You can give either form of its ARN. With `semblance:retention-days` (1 to 36500) a face is no
    longer matched, listed or named once that many days have passed since it was indexed, and it is
    erased within 48 hours after. You can set, change and remove the tag at any time; faces that
    have not been erased by then come back.
    """
    retention.check(request["Tags"])
    return _retag(service, request["ResourceArn"], lambda tags: {**tags, **request["Tags"]})


def untag_resource(
    service: Service, request: requests.UntagResourceRequestTypeDef
) -> dict[str, Any]:
    """Removes tags of a collection.

    Keys that it does not have are skipped.
    """
    gone = set(request["TagKeys"])
    return _retag(
        service,
        request["ResourceArn"],
        lambda tags: {key: value for key, value in tags.items() if key not in gone},
    )


def list_tags_for_resource(
    service: Service, request: requests.ListTagsForResourceRequestTypeDef
) -> dict[str, Any]:
    """Returns the tags of a collection.

    You can give either form of its ARN.
    """
    return {"Tags": dict(_tagged(service, request["ResourceArn"]).tags)}


def _retag(service: Service, arn: str, change: Callable[[Tags], Tags]) -> dict[str, Any]:
    for _ in range(_TRIES):
        collection = _tagged(service, arn)
        tags = change(collection.tags)
        if len(tags) > MOST_TAGS:
            raise errors.ServiceQuotaExceededException(
                f"A collection has {MOST_TAGS} tags at the most"
            )
        try:
            service.collections.retag(collection, tags)
        except Conflict:
            continue  # another call has changed the tags since they were read
        return {}
    raise errors.ThrottlingException


def _tagged(service: Service, arn: str) -> Collection:
    collection_id = service.collection_of(arn)
    collection = service.collections.find(collection_id) if collection_id else None
    if collection is None:
        raise errors.ResourceNotFoundException(f"The resource arn: {arn} does not exist")
    return collection
