"""The specimen of IndexFaces."""

from tools.specimens import given
from tools.specimens.refusals import COUNTLESS, NO_COLLECTION, no_picture
from tools.specimens.specimen import Command, Example, FaultCase, Play, Specimen

SPECIMEN = Specimen(
    operation="IndexFaces",
    always=frozenset({"FaceRecords", "UnindexedFaces", "FaceModelVersion"}),
    sound=lambda s: s.here | {"Image": s.inline("obama.jpg")},
    examples=(
        Example(
            lambda s: (
                s.elsewhere()
                | {
                    "Image": s.stored("solvay.jpg"),
                    "ExternalImageId": "solvay:1927",
                    "MaxFaces": 3,
                    "DetectionAttributes": ["ALL"],
                    "QualityFilter": "NONE",
                }
            ),
            lambda s, reply: len(reply["FaceRecords"]) == 3 and len(reply["UnindexedFaces"]) > 20,
        ),
    ),
    plays=(
        # Faces that are there already, from both kinds of places.
        Play(lambda s: s.here | {"Image": s.inline("obama.jpg"), "ExternalImageId": "obama"}),
        Play(lambda s: s.here | {"Image": s.stored("biden.jpg"), "ExternalImageId": "biden"}),
        # And one that a call deleted a moment ago.
        Play(
            lambda s: (
                given.without_faces(given.a_deleted_face(s)) | {"Image": s.inline("obama.jpg")}
            )
        ),
    ),
    errors={**NO_COLLECTION, **no_picture("Image"), **COUNTLESS},
    command=Command(
        "--collection-id {collection} --image-bytes fileb://{photos}/obama.jpg"
        " --external-image-id obama --max-faces 1 --quality-filter AUTO"
        " --detection-attributes ALL",
        after=("CreateCollection",),
    ),
    faults=(
        FaultCase(
            "staff",
            lambda s: s.here | {"Image": s.picture("kim", "lee"), "ExternalImageId": "kim"},
        ),
        FaultCase("staff", lambda s: s.here | {"Image": s.picture(*s.crowd)}, "100 faces"),
        FaultCase(
            "staff",
            lambda s: (
                s.here
                | {
                    "Image": s.picture("ann", "bob", "eve", "joe", "zoe"),
                    "ExternalImageId": "group",
                }
            ),
            "faces that are there, one that was deleted",
        ),
        FaultCase("picture in bucket", lambda s: s.here | {"Image": s.in_bucket}, "from a bucket"),
    ),
)
