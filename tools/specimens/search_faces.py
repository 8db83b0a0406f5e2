"""The specimen of SearchFaces."""

from tools.specimens.refusals import NO_COLLECTION
from tools.specimens.specimen import NOBODY, Command, Example, FaultCase, Instead, Play, Specimen

SPECIMEN = Specimen(
    operation="SearchFaces",
    always=frozenset({"SearchedFaceId", "FaceMatches", "FaceModelVersion"}),
    sound=lambda s: s.here | {"FaceId": s.obama},
    examples=(
        Example(
            lambda s: s.here | {"FaceId": s.obama, "MaxFaces": 4096, "FaceMatchThreshold": 0},
            lambda s, reply: (
                [match["Face"]["ExternalImageId"] for match in reply["FaceMatches"]] == ["biden"]
            ),
        ),
    ),
    plays=(Play(lambda s: s.here | {"FaceId": s.obama}),),
    errors={
        **NO_COLLECTION,
        "InvalidParameterException": Instead(lambda s: {"FaceId": NOBODY}),
    },
    command=Command(
        "--collection-id {collection} --face-id {face_id} --face-match-threshold 90",
        after=("IndexFaces",),
    ),
    faults=(
        FaultCase("staff", lambda s: s.here | {"FaceId": s.faces[1], "FaceMatchThreshold": 0}),
    ),
)
