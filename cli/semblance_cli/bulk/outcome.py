"""What became of a photo, in one of a few words."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from semblance_cli.bulk.delivery import Item, State

INDEXED, BEFORE, NO_USABLE_FACE = "indexed", "indexed before", "no usable face"
FOUND, UNKNOWN = "found", "nobody found"
SENT = "sent, result not awaited"
NO_FACE, REJECTED, FAILED, MISSING, TOO_LARGE = (
    "no face", "rejected", "not sent", "no result", "too large"
)  # fmt: skip

Row = dict[str, Any]


def image_ids(item: Item) -> set[str]:
    records = item.result.get("FaceRecords", ()) if item.result else ()
    return {record["Face"]["ImageId"] for record in records}


def kind_of(item: Item) -> tuple[str, str]:
    """The kind of outcome, and why it is not a better one."""
    if item.result is None:
        kinds = {
            State.INDEXED_BEFORE: (BEFORE, ""),
            State.FAILED: (FAILED, item.problem or ""),
        }
        return kinds.get(item.state, (MISSING, ""))
    return _kind_of_result(item.result)


def _kind_of_result(result: Row) -> tuple[str, str]:
    error = result.get("Error", {})
    if result["Outcome"] == "FacesIndexed":
        if result["FaceRecords"]:
            return INDEXED, ""
        return NO_USABLE_FACE, " ".join(sorted(reasons(result["UnindexedFaces"])))
    if result["Outcome"] == "FacesSearched":
        return (FOUND if any(face["FaceMatches"] for face in result["Faces"]) else UNKNOWN), ""
    message = error.get("Message", "")
    if "no faces" in message:
        return NO_FACE, ""
    return REJECTED, f"{error.get('Code', result['Outcome'])}: {message}"


def reasons(faces: Iterable[Row]) -> Counter[str]:
    return Counter(reason for face in faces for reason in face["Reasons"])
