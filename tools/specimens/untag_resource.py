"""The specimen of UntagResource."""

from tools.specimens.refusals import INVALID_PARAMETER_BY_MODEL, NO_RESOURCE
from tools.specimens.specimen import Command, Example, FaultCase, Play, Specimen

SPECIMEN = Specimen(
    operation="UntagResource",
    sound=lambda s: {"ResourceArn": s.arn, "TagKeys": ["team"]},
    examples=(
        Example(lambda s: {"ResourceArn": s.arn.removeprefix("arn:"), "TagKeys": ["no-such-tag"]}),
    ),
    plays=(Play(lambda s: {"ResourceArn": s.arn, "TagKeys": ["team"]}),),
    errors={**NO_RESOURCE, **INVALID_PARAMETER_BY_MODEL},
    command=Command("--resource-arn {arn} --tag-keys team", after=("TagResource",)),
    faults=(FaultCase("staff", lambda s: {"ResourceArn": s.arn, "TagKeys": ["site"]}),),
)
