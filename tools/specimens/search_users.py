"""The specimen of SearchUsers."""

from tools.specimens.refusals import NO_COLLECTION
from tools.specimens.specimen import Command, Example, FaultCase, Instead, Play, Specimen

SPECIMEN = Specimen(
    operation="SearchUsers",
    always=frozenset({"UserMatches", "FaceModelVersion"}),
    sound=lambda s: s.barack,
    examples=(
        Example(
            lambda s: s.here | {"FaceId": s.obama, "UserMatchThreshold": 80, "MaxUsers": 500},
            lambda s, reply: reply["UserMatches"][0]["User"]["UserId"] == "barack",
        ),
        Example(
            lambda s: s.barack | {"MaxUsers": 1},
            lambda s, reply: (
                reply["UserMatches"] == [] and reply["SearchedUser"] == {"UserId": "barack"}
            ),
        ),
    ),
    plays=(
        Play(lambda s: s.barack),
        Play(lambda s: s.here | {"FaceId": s.obama}),
    ),
    errors={
        **NO_COLLECTION,
        # Beside the UserId of the sound request.
        "InvalidParameterException": Instead(lambda s: {"FaceId": s.obama}),
    },
    command=Command("--collection-id {collection} --face-id {face_id}", after=("AssociateFaces",)),
    faults=(
        FaultCase("staff", lambda s: s.here | {"UserId": "ann", "UserMatchThreshold": 0}),
        FaultCase("staff", lambda s: s.here | {"FaceId": s.faces[0]}, "by a face"),
    ),
)
