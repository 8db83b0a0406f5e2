"""The specimen of ListTagsForResource."""

from tools.specimens.refusals import INVALID_PARAMETER_BY_MODEL, NO_RESOURCE
from tools.specimens.specimen import Command, Example, FaultCase, Specimen

SPECIMEN = Specimen(
    operation="ListTagsForResource",
    always=frozenset({"Tags"}),
    sound=lambda s: {"ResourceArn": s.arn},
    examples=(Example(lambda s: {"ResourceArn": s.arn}),),
    errors={**NO_RESOURCE, **INVALID_PARAMETER_BY_MODEL},
    command=Command("--resource-arn {arn}", after=("TagResource", "UntagResource")),
    faults=(FaultCase("staff", lambda s: {"ResourceArn": s.arn}),),
)
