"""The specimen of DisassociateFaces."""

from tools.specimens import given
from tools.specimens.refusals import (
    INVALID_PARAMETER_BY_MODEL,
    NO_COLLECTION,
    RACE,
    TOKEN_OF_ANOTHER,
)
from tools.specimens.specimen import Command, Example, FaultCase, Play, Specimen

SPECIMEN = Specimen(
    operation="DisassociateFaces",
    always=frozenset({"DisassociatedFaces", "UnsuccessfulFaceDisassociations", "UserStatus"}),
    sound=lambda s: s.barack | {"FaceIds": [s.biden]},
    examples=(
        Example(
            lambda s: s.new_user() | {"FaceIds": [s.biden], "ClientRequestToken": "none-there"},
            lambda s, reply: (
                reply["UnsuccessfulFaceDisassociations"]
                == [{"FaceId": s.biden, "Reasons": ["FACE_NOT_FOUND"]}]
            ),
        ),
    ),
    plays=(Play(given.a_user_with_a_face),),
    errors={**NO_COLLECTION, **INVALID_PARAMETER_BY_MODEL, **RACE, **TOKEN_OF_ANOTHER},
    command=Command(
        "--collection-id {collection} --user-id barack --face-ids {face_id}",
        after=("ListUsers", "SearchUsers", "SearchUsersByImage"),
    ),
    faults=(
        FaultCase(
            "staff", lambda s: s.here | {"FaceIds": s.faces[:2], "UserId": "ann"}, has_token=True
        ),
        FaultCase(
            "crowd of one user",
            lambda s: s.here | {"FaceIds": s.faces[:100], "UserId": "ann"},
            "100 faces",
            has_token=True,
        ),
    ),
)
