"""The specimen of CreateCollection."""

from tools.specimens.refusals import COUNTLESS, INVALID_PARAMETER_BY_MODEL
from tools.specimens.specimen import Command, Example, FaultCase, Instead, Play, Specimen

SPECIMEN = Specimen(
    operation="CreateCollection",
    always=frozenset({"StatusCode", "CollectionArn", "FaceModelVersion"}),
    sound=lambda s: {"CollectionId": "contract"},
    examples=(
        Example(
            lambda s: {"CollectionId": f"{s.collection}-tagged", "Tags": {"team": "door"}},
            lambda s, reply: (
                s.call("ListTagsForResource", ResourceArn=f"arn:{reply['CollectionArn']}")["Tags"]
                == {"team": "door"}
            ),
        ),
    ),
    plays=(Play(lambda s: s.here, refused="ResourceAlreadyExistsException"),),
    errors={
        "ResourceAlreadyExistsException": Instead(lambda s: s.here),
        **INVALID_PARAMETER_BY_MODEL,
        **COUNTLESS,
    },
    command=Command("--collection-id {collection} --tags team=door"),
    faults=(
        FaultCase("nothing", lambda s: s.here | {"Tags": {"site": "north"}}),
        FaultCase("staff", lambda s: s.here, "of a name that is taken"),
    ),
)
