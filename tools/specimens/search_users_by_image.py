"""The specimen of SearchUsersByImage."""

from tools.specimens.refusals import NO_COLLECTION, no_picture
from tools.specimens.specimen import Command, Example, FaultCase, Play, Specimen

SPECIMEN = Specimen(
    operation="SearchUsersByImage",
    always=frozenset({"UserMatches", "FaceModelVersion"}),
    sound=lambda s: s.here | {"Image": s.inline("obama.jpg")},
    examples=(
        Example(
            lambda s: (
                s.here
                | {
                    "Image": s.inline("obama3.jpg"),
                    "UserMatchThreshold": 95,
                    "MaxUsers": 1,
                    "QualityFilter": "LOW",
                }
            ),
            lambda s, reply: reply["UserMatches"][0]["User"]["UserId"] == "barack",
        ),
    ),
    plays=(Play(lambda s: s.here | {"Image": s.inline("obama2.jpg")}),),
    errors={**NO_COLLECTION, **no_picture("Image")},
    command=Command(
        "--collection-id {collection} --image-bytes fileb://{photos}/obama3.jpg",
        after=("AssociateFaces",),
    ),
    faults=(FaultCase("staff", lambda s: s.here | {"Image": s.picture("ann", shot=1)}),),
)
