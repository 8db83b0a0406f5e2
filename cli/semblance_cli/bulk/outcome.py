"""The outcome of a photo, in one of a few words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from semblance.contract.layout import NO_FACES
from semblance_cli.bulk.delivery import Item, State

if TYPE_CHECKING:
    from semblance_cli.bulk.results import Result, SearchedFace, UnindexedFace

INDEXED, BEFORE, NO_USABLE_FACE = "indexed", "indexed before", "no usable face"
FOUND, UNKNOWN = "found", "nobody found"
SENT = "sent, result not awaited"
NO_FACE, REJECTED, FAILED, MISSING, TOO_LARGE = (
    "no face", "rejected", "not sent", "no result", "too large"
)  # fmt: skip


def image_ids(item: Item) -> set[str]:
    records = item.result.get("FaceRecords", ()) if item.result else ()
    return {record["Face"]["ImageId"] for record in records}


def kind_of(item: Item) -> tuple[str, str]:
    """The kind of outcome, and why it is not a better one."""
    if item.result is not None:
        return _kind_of_result(item.result)
    if item.state is State.INDEXED_BEFORE:
        return BEFORE, ""
    if item.state is State.FAILED:
        return FAILED, item.problem or ""
    return MISSING, ""


def _kind_of_result(result: Result) -> tuple[str, str]:
    match result["Outcome"]:
        case "FacesIndexed":
            if result["FaceRecords"]:
                return INDEXED, ""
            return NO_USABLE_FACE, " ".join(sorted(reasons(result["UnindexedFaces"])))
        case "FacesSearched":
            return (FOUND if any(face["FaceMatches"] for face in result["Faces"]) else UNKNOWN), ""
        case "ImageRejected":
            error = result["Error"]
            # Rekognition's code for it is that of any bad parameter: only the text is its own.
            if error["Message"] == NO_FACES:
                return NO_FACE, ""
            return REJECTED, f"{error['Code']}: {error['Message']}"


def reasons(faces: Iterable[SearchedFace | UnindexedFace]) -> Counter[str]:
    return Counter(reason for face in faces for reason in face["Reasons"])
