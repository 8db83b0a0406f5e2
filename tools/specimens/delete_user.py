"""The specimen of DeleteUser."""

from tools.specimens import given
from tools.specimens.refusals import (
    INVALID_PARAMETER_BY_MODEL,
    NO_COLLECTION,
    RACE,
    TOKEN_OF_ANOTHER,
)
from tools.specimens.specimen import Command, Example, FaultCase, Play, Specimen

SPECIMEN = Specimen(
    operation="DeleteUser",
    sound=lambda s: s.barack,
    examples=(Example(lambda s: s.new_user() | {"ClientRequestToken": "delete-somebody"}),),
    plays=(Play(lambda s: given.without_faces(given.a_user_with_a_face(s))),),
    errors={**NO_COLLECTION, **INVALID_PARAMETER_BY_MODEL, **RACE, **TOKEN_OF_ANOTHER},
    command=Command("--collection-id {collection} --user-id barack", after=("DisassociateFaces",)),
    faults=(
        FaultCase("staff", lambda s: s.here | {"UserId": "ann"}, has_token=True),
        FaultCase("staff", lambda s: s.here | {"UserId": "ann"}, "without a token"),
        FaultCase(
            "crowd of one user",
            lambda s: s.here | {"UserId": "ann"},
            "of 100 faces",
            has_token=True,
        ),
    ),
)
