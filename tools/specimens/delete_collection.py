"""The specimen of DeleteCollection."""

from tools.specimens import given
from tools.specimens.refusals import INVALID_PARAMETER_BY_MODEL, NO_COLLECTION
from tools.specimens.specimen import Command, Example, FaultCase, Play, Specimen

SPECIMEN = Specimen(
    operation="DeleteCollection",
    always=frozenset({"StatusCode"}),
    sound=lambda s: s.here,
    examples=(Example(lambda s: s.elsewhere(), lambda s, reply: reply["StatusCode"] == 200),),
    plays=(Play(lambda s: given.without_faces(given.a_face(s))),),
    errors={**NO_COLLECTION, **INVALID_PARAMETER_BY_MODEL},
    command=Command("--collection-id {collection}", is_last=True),
    faults=(
        FaultCase("staff", lambda s: s.here),
        FaultCase("nothing", lambda s: s.here, "of none", is_warm=False),
    ),
)
