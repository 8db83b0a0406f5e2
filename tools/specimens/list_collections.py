"""The specimen of ListCollections."""

from tools.specimens.refusals import INVALID_PARAMETER_BY_MODEL, NO_TOKEN_OF_A_LISTING
from tools.specimens.specimen import Command, Example, Excused, FaultCase, Specimen

SPECIMEN = Specimen(
    operation="ListCollections",
    always=frozenset({"CollectionIds", "FaceModelVersions"}),
    sound=lambda s: {},
    examples=(
        Example(
            lambda s: {"MaxResults": 1},
            lambda s, reply: len(reply["CollectionIds"]) == 1,
        ),
        Example(
            lambda s: {
                "MaxResults": 4096,
                "NextToken": s.call("ListCollections", MaxResults=1)["NextToken"],
            },
            lambda s, reply: len(reply["CollectionIds"]) == len(reply["FaceModelVersions"]) > 0,
        ),
    ),
    errors={
        **NO_TOKEN_OF_A_LISTING,
        **INVALID_PARAMETER_BY_MODEL,
        "ResourceNotFoundException": Excused("it names no resource that could be missing"),
    },
    command=Command("--max-results 4096", after=("CreateCollection",)),
    faults=(FaultCase("two collections", lambda s: {"MaxResults": 1}),),
)
