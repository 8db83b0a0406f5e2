"""The specimen of ListUsers."""

from tools.specimens.refusals import (
    INVALID_PARAMETER_BY_MODEL,
    NO_COLLECTION,
    NO_TOKEN_OF_A_LISTING,
)
from tools.specimens.specimen import Command, Example, FaultCase, Play, Specimen

SPECIMEN = Specimen(
    operation="ListUsers",
    always=frozenset({"Users"}),
    sound=lambda s: s.here,
    examples=(
        Example(
            lambda s: s.here | {"MaxResults": 500},
            lambda s, reply: {"UserId": "barack", "UserStatus": "ACTIVE"} in reply["Users"],
        ),
        Example(
            lambda s: (
                s.here | {"NextToken": s.call("ListUsers", **s.here, MaxResults=1)["NextToken"]}
            ),
            lambda s, reply: "zoe" in {user["UserId"] for user in reply["Users"]},
        ),
    ),
    plays=(Play(lambda s: s.here),),
    errors={**NO_COLLECTION, **NO_TOKEN_OF_A_LISTING, **INVALID_PARAMETER_BY_MODEL},
    command=Command("--collection-id {collection}", after=("AssociateFaces",)),
    faults=(FaultCase("staff", lambda s: s.here | {"MaxResults": 1}),),
)
