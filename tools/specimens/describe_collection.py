"""The specimen of DescribeCollection."""

from tools.specimens.refusals import INVALID_PARAMETER_BY_MODEL, NO_COLLECTION
from tools.specimens.specimen import Command, Example, FaultCase, Specimen

SPECIMEN = Specimen(
    operation="DescribeCollection",
    always=frozenset(
        {"FaceCount", "UserCount", "FaceModelVersion", "CollectionARN", "CreationTimestamp"}
    ),
    sound=lambda s: s.here,
    examples=(
        Example(
            lambda s: s.here,
            lambda s, reply: (reply["FaceCount"], reply["UserCount"]) == (2, 2),
        ),
    ),
    errors={**NO_COLLECTION, **INVALID_PARAMETER_BY_MODEL},
    command=Command("--collection-id {collection}", after=("IndexFaces",)),
    faults=(
        FaultCase("staff", lambda s: s.here),
        FaultCase("nothing", lambda s: s.here, "of none", is_warm=False),
    ),
)
