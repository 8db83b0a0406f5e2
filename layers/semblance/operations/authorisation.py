"""Checks whether the caller may make this request, before anything is looked up.

So the refusal of a collection is the same whether it exists or not.
"""

from typing import Any

from semblance import errors
from semblance.service import Service


def require(service: Service, operation: str, request: dict[str, Any]) -> None:
    """Raises AccessDeniedException."""
    caller = service.caller
    if "ResourceArn" in request:
        resource = request["ResourceArn"]
        # Another ARN names no collection of this deployment: it takes rights to all collections.
        allowed = caller.may(operation, service.collection_of(resource) or "")
    elif "CollectionId" in request:
        resource = service.collection_arn(request["CollectionId"])
        allowed = caller.may(operation, request["CollectionId"])
    else:
        resource = "*"
        allowed = caller.may(operation, None)
    if not allowed:
        raise errors.AccessDeniedException(
            f"User: {caller.arn} is not authorized to perform: rekognition:{operation} on "
            f"resource: {resource} because no identity-based policy allows the "
            f"rekognition:{operation} action"
        )
