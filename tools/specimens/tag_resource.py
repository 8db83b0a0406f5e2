"""The specimen of TagResource."""

from tools.specimens.refusals import INVALID_PARAMETER_BY_MODEL, NO_RESOURCE
from tools.specimens.specimen import (
    Command,
    Example,
    FaultCase,
    Play,
    Provoked,
    Specimen,
    Stage,
)


def _set_too_many_tags(specimen: Specimen, stage: Stage) -> None:
    for half in range(2):
        tags = {f"{half}-{number}": "" for number in range(150)}
        stage.call("TagResource", ResourceArn=stage.arn, Tags=tags)


SPECIMEN = Specimen(
    operation="TagResource",
    sound=lambda s: {"ResourceArn": s.arn, "Tags": {"team": "door"}},
    examples=(
        Example(
            lambda s: {"ResourceArn": s.arn, "Tags": {"Größe": "1 m", "empty": ""}},
            lambda s, reply: (
                s.call("ListTagsForResource", ResourceArn=s.arn)["Tags"]["empty"] == ""
            ),
        ),
    ),
    plays=(Play(lambda s: {"ResourceArn": s.arn, "Tags": {"team": "gate"}}),),
    errors={
        **NO_RESOURCE,
        **INVALID_PARAMETER_BY_MODEL,
        "ServiceQuotaExceededException": Provoked(_set_too_many_tags),
    },
    command=Command("--resource-arn {arn} --tags floor=1", after=("CreateCollection",)),
    faults=(FaultCase("staff", lambda s: {"ResourceArn": s.arn, "Tags": {"floor": "2"}}),),
)
