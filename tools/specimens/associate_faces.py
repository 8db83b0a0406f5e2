"""The specimen of AssociateFaces."""

from tools.specimens import given
from tools.specimens.refusals import (
    INVALID_PARAMETER_BY_MODEL,
    NO_COLLECTION,
    RACE,
    TOKEN_OF_ANOTHER,
)
from tools.specimens.specimen import (
    Command,
    Example,
    FaultCase,
    Play,
    Provoked,
    Reply,
    Specimen,
    Stage,
)


def _give_a_user_too_many_faces(specimen: Specimen, stage: Stage) -> None:
    user = stage.new_user()
    here = {"CollectionId": user["CollectionId"]}
    face_ids: list[str] = []
    while len(face_ids) <= 100:
        records = stage.call(
            "IndexFaces",
            **here,
            Image=stage.stored("solvay.jpg"),
            QualityFilter="NONE",
            ExternalImageId=f"solvay-{len(face_ids)}",
        )["FaceRecords"]
        face_ids += [record["Face"]["FaceId"] for record in records]
    reply = stage.call("AssociateFaces", **user, FaceIds=face_ids[:100], UserMatchThreshold=0)
    assert len(reply["AssociatedFaces"]) == 100
    stage.call("AssociateFaces", **user, FaceIds=face_ids[100:101], UserMatchThreshold=0)


def _is_too_unlike(stage: Stage, reply: Reply) -> bool:
    (failure,) = reply["UnsuccessfulFaceAssociations"]
    return bool(reply["UserStatus"] == "ACTIVE" and failure["Reasons"] == ["LOW_MATCH_CONFIDENCE"])


SPECIMEN = Specimen(
    operation="AssociateFaces",
    always=frozenset({"AssociatedFaces", "UnsuccessfulFaceAssociations", "UserStatus"}),
    sound=lambda s: s.barack | {"FaceIds": [s.biden]},
    examples=(
        Example(
            lambda s: (
                s.barack
                | {
                    "FaceIds": [s.biden],
                    "UserMatchThreshold": 75,
                    "ClientRequestToken": "not-barack",
                }
            ),
            _is_too_unlike,
        ),
    ),
    plays=(Play(given.a_user_and_a_face),),
    errors={
        **NO_COLLECTION,
        **INVALID_PARAMETER_BY_MODEL,
        **RACE,
        **TOKEN_OF_ANOTHER,
        "ServiceQuotaExceededException": Provoked(_give_a_user_too_many_faces),
    },
    command=Command(
        "--collection-id {collection} --user-id barack --face-ids {face_id}"
        " --user-match-threshold 80",
        after=("IndexFaces", "CreateUser"),
    ),
    faults=(
        FaultCase(
            "staff",
            lambda s: s.here | {"FaceIds": s.faces[:3], "UserId": "bob", "UserMatchThreshold": 0},
            has_token=True,
        ),
        FaultCase(
            "crowd",
            lambda s: s.here | {"FaceIds": s.faces[:100], "UserId": "ann", "UserMatchThreshold": 0},
            "100 faces",
            has_token=True,
        ),
    ),
)
