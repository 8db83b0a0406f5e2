"""The specimen of SearchFacesByImage."""

from tools.specimens.refusals import NO_COLLECTION, no_picture
from tools.specimens.specimen import Command, Example, FaultCase, Play, Specimen

SPECIMEN = Specimen(
    operation="SearchFacesByImage",
    always=frozenset(
        {"SearchedFaceBoundingBox", "SearchedFaceConfidence", "FaceMatches", "FaceModelVersion"}
    ),
    sound=lambda s: s.here | {"Image": s.inline("obama.jpg")},
    examples=(
        Example(
            lambda s: (
                s.here
                | {
                    "Image": s.inline("obama2.jpg"),
                    "MaxFaces": 1,
                    "FaceMatchThreshold": 99,
                    "QualityFilter": "HIGH",
                }
            ),
            lambda s, reply: (
                [match["Face"]["ExternalImageId"] for match in reply["FaceMatches"]] == ["obama"]
            ),
        ),
    ),
    plays=(Play(lambda s: s.here | {"Image": s.stored("obama2.jpg", version=True)}),),
    errors={**NO_COLLECTION, **no_picture("Image")},
    command=Command(
        "--collection-id {collection} --image-bytes fileb://{photos}/obama2.jpg",
        after=("IndexFaces",),
    ),
    faults=(
        FaultCase("staff", lambda s: s.here | {"Image": s.picture("bob", shot=1)}),
        FaultCase(
            "staff", lambda s: s.here | {"Image": s.picture("bob", shot=1)}, "cold", is_warm=False
        ),
        FaultCase("picture in bucket", lambda s: s.here | {"Image": s.in_bucket}, "from a bucket"),
    ),
)
