"""Forgetting a person, for the compactor function: erased, compacted, and looked for everywhere.

`{"CollectionId": "staff", "Forget": {"FaceIds": [...]}}`, or with `UserId` or `ExternalImageId`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from semblance import errors
from semblance.maintenance import duties, forgetting, survey
from semblance.maintenance.forgetting import Wanted
from semblance.maintenance.maintenance import Compactor
from semblance.protocol import shapes
from semblance.stores.transaction import Conflict

logger = Logger()

_KINDS = ("FaceIds", "UserId", "ExternalImageId")


def respond(
    event: dict[str, Any], compactor: Compactor, seconds_left: Callable[[], float]
) -> dict[str, Any]:
    """Raises ServiceError when the request is none, there is no such collection, or others were
    always quicker."""
    collection_id, wanted = _parse(event)
    collection = compactor.collections.get(collection_id)
    try:
        erased = forgetting.erase(compactor, collection, wanted)
    except Conflict as exc:
        raise errors.ConflictException("Others keep changing the person's faces: again") from exc
    found = survey.of_one(compactor, collection_id)
    duties.compact(compactor, collection, found, thorough=True, seconds_left=seconds_left)
    places = forgetting.look(compactor, collection, wanted, erased.face_ids)
    clean = not any(place.found for place in places)
    logger.info("forgotten", collection=collection.id, faces=erased.faces, clean=clean)
    return {
        "CollectionId": collection.id,
        "FaceIds": sorted(erased.face_ids),
        "ExternalImageIds": sorted(erased.external_image_ids),
        "Erased": {"Faces": erased.faces, "Users": int(erased.user), "Tokens": erased.tokens},
        "Places": [
            {"Place": place.name, "LookedAt": place.looked_at, "Found": place.found}
            for place in places
        ],
        "BareIdsUntil": _iso(forgetting.bare_ids_until(compactor)),
        "Clean": clean,
    }


def _parse(event: dict[str, Any]) -> tuple[str, Wanted]:
    asked = event["Forget"]
    if not isinstance(asked, dict) or len(asked) != 1 or not asked.keys() <= set(_KINDS):
        raise errors.InvalidParameterException(f"Forget takes one of {', '.join(_KINDS)}")
    collection = {"CollectionId": event.get("CollectionId")}
    if "ExternalImageId" in asked:
        # The operation whose request has it cannot do without a picture.
        request = shapes.parse_request("IndexFaces", collection | asked | {"Image": {}})
    else:
        operation = "DeleteFaces" if "FaceIds" in asked else "DeleteUser"
        request = shapes.parse_request(operation, collection | asked)
    return request["CollectionId"], Wanted(
        face_ids=tuple(request.get("FaceIds", ())),
        user_id=request.get("UserId"),
        external_image_id=request.get("ExternalImageId"),
    )


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
