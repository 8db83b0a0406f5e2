"""Forgets a person, for the compactor function: removes, compacts, then searches every place.

`{"CollectionId": "staff", "Forget": {"FaceIds": [...]}}`, or with `UserId` or `ExternalImageId`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from semblance import errors
from semblance.maintenance import duties, forgetting, survey
from semblance.maintenance.forgetting import Person
from semblance.maintenance.maintenance import Maintenance
from semblance.protocol import shapes
from semblance.stores.transaction import Conflict

logger = Logger()

_SHAPES = {
    "FaceIds": "FaceIdList",
    "UserId": "UserId",
    "ExternalImageId": "ExternalImageId",
}
"""The ways to name a person, and the shape of each in the service model."""


def respond(
    event: dict[str, Any], maintenance: Maintenance, seconds_left: Callable[[], float]
) -> dict[str, Any]:
    """Raises ServiceError when the request is ill-formed, there is no such collection, or other
    calls kept changing the person's faces."""
    collection_id, person = _parse(event)
    collection = maintenance.stores.collections.get(collection_id)
    try:
        removed = forgetting.remove_person(maintenance, collection, person)
    except Conflict as exc:
        raise errors.ConflictException(
            "Other calls keep changing the person's faces: try again"
        ) from exc
    found = survey.of_one(maintenance, collection_id)
    duties.visit_collection(
        maintenance, collection, found, thorough=True, seconds_left=seconds_left
    )
    places = forgetting.look(maintenance, collection, person, removed.face_ids)
    clean = not any(place.found for place in places)
    logger.info("forgotten", collection=collection.id, faces=removed.faces, clean=clean)
    return {
        "CollectionId": collection.id,
        "FaceIds": sorted(removed.face_ids),
        "ExternalImageIds": sorted(removed.external_image_ids),
        "Erased": {"Faces": removed.faces, "Users": int(removed.user), "Tokens": removed.tokens},
        "Places": [
            {"Place": place.name, "LookedAt": place.looked_at, "Found": place.found}
            for place in places
        ],
        "BareIdsUntil": _iso(forgetting.bare_ids_until(maintenance)),
        "Clean": clean,
    }


def _parse(event: dict[str, Any]) -> tuple[str, Person]:
    asked = event["Forget"]
    if not isinstance(asked, dict) or len(asked) != 1 or not asked.keys() <= _SHAPES.keys():
        raise errors.InvalidParameterException(f"Forget takes one of {', '.join(_SHAPES)}")
    collection_id = shapes.parse_value("CollectionId", event.get("CollectionId"))
    ((kind, value),) = asked.items()
    parsed = shapes.parse_value(_SHAPES[kind], value, member=kind)
    return collection_id, Person(
        face_ids=tuple(parsed) if kind == "FaceIds" else (),
        user_id=parsed if kind == "UserId" else None,
        external_image_id=parsed if kind == "ExternalImageId" else None,
    )


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
