"""The specimen of ListFaces."""

from tools.specimens.refusals import (
    INVALID_PARAMETER_BY_MODEL,
    NO_COLLECTION,
    NO_TOKEN_OF_A_LISTING,
)
from tools.specimens.specimen import Command, Example, FaultCase, Specimen

SPECIMEN = Specimen(
    operation="ListFaces",
    always=frozenset({"Faces", "FaceModelVersion"}),
    sound=lambda s: s.here,
    examples=(
        Example(
            lambda s: s.here | {"MaxResults": 1},
            lambda s, reply: [face["FaceId"] for face in reply["Faces"]] == [min(s.obama, s.biden)],
        ),
        Example(
            lambda s: (
                s.here
                | {
                    "MaxResults": 1,
                    "NextToken": s.call("ListFaces", **s.here, MaxResults=1)["NextToken"],
                }
            ),
            lambda s, reply: [face["FaceId"] for face in reply["Faces"]] == [max(s.obama, s.biden)],
        ),
        Example(
            lambda s: s.barack | {"FaceIds": [s.obama, s.biden]},
            lambda s, reply: [face["UserId"] for face in reply["Faces"]] == ["barack"],
        ),
    ),
    errors={**NO_COLLECTION, **NO_TOKEN_OF_A_LISTING, **INVALID_PARAMETER_BY_MODEL},
    command=Command("--collection-id {collection} --page-size 1", after=("IndexFaces",)),
    faults=(
        FaultCase("staff", lambda s: s.here | {"MaxResults": 2}),
        FaultCase("staff", lambda s: s.here | {"UserId": "ann"}, "of a user"),
        FaultCase("staff", lambda s: s.here | {"FaceIds": s.faces[:3]}, "by their ids"),
    ),
)
