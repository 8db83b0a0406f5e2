"""The specimen of DeleteFaces."""

from tools.specimens import given
from tools.specimens.refusals import INVALID_PARAMETER_BY_MODEL, NO_COLLECTION
from tools.specimens.specimen import NOBODY, Command, Example, FaultCase, Play, Specimen

UNKNOWN_FACE = "00000000-0000-4000-8000-00000000dead"

SPECIMEN = Specimen(
    operation="DeleteFaces",
    always=frozenset({"DeletedFaces", "UnsuccessfulFaceDeletions"}),
    sound=lambda s: s.here | {"FaceIds": [NOBODY]},
    examples=(
        Example(
            lambda s: s.here | {"FaceIds": [s.obama]},
            lambda s, reply: reply["UnsuccessfulFaceDeletions"]
            == [
                {
                    "FaceId": s.obama,
                    "UserId": "barack",
                    "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"],
                }
            ],
        ),
    ),
    plays=(Play(given.a_face),),
    errors={**NO_COLLECTION, **INVALID_PARAMETER_BY_MODEL},
    command=Command(
        "--collection-id {collection} --face-ids {face_id}",
        # While the face belongs to a user it stays, and the other searches need it.
        after=(
            "DisassociateFaces", "ListFaces", "DescribeCollection", "SearchFaces",
            "SearchFacesByImage",
        ),
    ),
    faults=(
        FaultCase("staff", lambda s: s.here | {"FaceIds": [*s.faces[:3], UNKNOWN_FACE]}),
        FaultCase("crowd", lambda s: s.here | {"FaceIds": s.faces[:100]}, "100 faces"),
    ),
)  # fmt: skip
