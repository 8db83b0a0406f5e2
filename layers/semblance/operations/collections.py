"""CreateCollection, DescribeCollection, ListCollections, DeleteCollection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from semblance.model.gallery import FACE_MODEL_VERSION, Collection
from semblance.operations import paging
from semblance.service import Service, retention

if TYPE_CHECKING:
    from types_boto3_rekognition import type_defs as requests


def create_collection(
    service: Service, request: requests.CreateCollectionRequestTypeDef
) -> dict[str, Any]:
    """Creates a collection.

    You can search it at once. Its tags are kept; with the tag `semblance:retention-days` you set
    for how many days faces are matched and kept. The ARN in the reply lacks the prefix `arn:`, as
    it does at AWS; the ARN that DescribeCollection returns has it.
    """
    tags = request.get("Tags", {})
    retention.check(tags)
    collection = Collection(
        id=request["CollectionId"],
        uid=service.new_uid(),
        created_at=service.clock(),
        model_id=service.engine.codec.model_id,
        tags=tags,
    )
    service.collections.add(collection)
    return {
        "StatusCode": 200,
        # Here, and only here, AWS leaves the prefix out.
        "CollectionArn": service.collection_arn(collection.id).removeprefix("arn:"),
        "FaceModelVersion": FACE_MODEL_VERSION,
    }


def describe_collection(
    service: Service, request: requests.DescribeCollectionRequestTypeDef
) -> dict[str, Any]:
    """Returns the collection's ARN and counts.

    The counts are exact unless a function died between storing faces and counting them: the
    compactor corrects them once nobody has written for 16 minutes.
    """
    collection = service.collections.get(request["CollectionId"])
    return {
        "FaceCount": collection.face_count,
        "UserCount": collection.user_count,
        "FaceModelVersion": FACE_MODEL_VERSION,
        "CollectionARN": service.collection_arn(collection.id),
        "CreationTimestamp": round(collection.created_at, 3),
    }


def list_collections(
    service: Service, request: requests.ListCollectionsRequestTypeDef
) -> dict[str, Any]:
    """Lists the collections that you may see, in order of their ids.

    MaxResults is 1000 if you leave it out or send 0.
    """
    listing = paging.Listing("ListCollections")
    caller = service.caller
    page, more = service.collections.page(
        after=listing.start(request.get("NextToken")),
        limit=paging.page_size(request.get("MaxResults")),
        sees=None if caller.sees_all else caller.sees,
    )
    return {
        "CollectionIds": [collection.id for collection in page],
        "FaceModelVersions": [FACE_MODEL_VERSION] * len(page),
        "NextToken": listing.token(page[-1].id) if more else None,
    }


def delete_collection(
    service: Service, request: requests.DeleteCollectionRequestTypeDef
) -> dict[str, Any]:
    """Deletes a collection with everything in it.

    You can reuse the name at once. A call that indexes faces at that moment may still succeed; its
    faces go with the collection.
    """
    collection = service.collections.get(request["CollectionId"])
    service.collections.delete(collection, at=service.clock())
    service.gallery.drop(collection.uid)
    return {"StatusCode": 200}
