"""The table of operations: a new one is a row here and a function in its module."""

from collections.abc import Callable
from typing import Any

from semblance import errors
from semblance.access.caller import Caller
from semblance.operations import (
    authorisation,
    collections,
    detect,
    faces,
    search,
    search_users,
    tags,
    users,
)
from semblance.protocol import shapes
from semblance.service import Service

Operation = Callable[[Service, Any], dict[str, Any]]
"""Takes its operation's request, as `types_boto3_rekognition` types it, and returns the reply."""

OPERATIONS: dict[str, Operation] = {
    "CreateCollection": collections.create_collection,
    "DescribeCollection": collections.describe_collection,
    "ListCollections": collections.list_collections,
    "DeleteCollection": collections.delete_collection,
    "IndexFaces": faces.index_faces,
    "ListFaces": faces.list_faces,
    "DeleteFaces": faces.delete_faces,
    "SearchFaces": search.search_faces,
    "SearchFacesByImage": search.search_faces_by_image,
    "DetectFaces": detect.detect_faces,
    "CompareFaces": detect.compare_faces,
    "CreateUser": users.create_user,
    "DeleteUser": users.delete_user,
    "ListUsers": users.list_users,
    "AssociateFaces": users.associate_faces,
    "DisassociateFaces": users.disassociate_faces,
    "SearchUsers": search_users.search_users,
    "SearchUsersByImage": search_users.search_users_by_image,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "ListTagsForResource": tags.list_tags_for_resource,
}


def call(service: Callable[[], Service], name: str, body: object, caller: Caller) -> dict[str, Any]:
    """Runs one operation: takes the parsed JSON of its request, returns that of its reply.

    `service` is called once the request has proved well-formed.
    """
    run = OPERATIONS.get(name)
    if run is None:
        raise errors.UnknownOperationException(_refusal(name))
    request = shapes.parse_request(name, body)
    for_caller = service().on_behalf_of(caller)
    authorisation.require(for_caller, name, request)
    return shapes.format_reply(name, run(for_caller, request))


def _refusal(name: str) -> str:
    if not shapes.is_operation(name):
        return "X-Amz-Target names no operation of Amazon Rekognition"
    return f"{name} is not supported: Semblance answers {', '.join(OPERATIONS)}"
