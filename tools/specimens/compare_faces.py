"""The specimen of CompareFaces."""

from tools.specimens.refusals import no_picture
from tools.specimens.specimen import Command, Example, FaultCase, Play, Specimen

SPECIMEN = Specimen(
    operation="CompareFaces",
    always=frozenset({"SourceImageFace", "FaceMatches", "UnmatchedFaces"}),
    sound=lambda s: dict.fromkeys(["SourceImage", "TargetImage"], s.inline("biden.jpg")),
    examples=(
        Example(
            lambda s: {
                "SourceImage": s.inline("obama.jpg"),
                "TargetImage": s.stored("obama2.jpg"),
                "SimilarityThreshold": 99,
                "QualityFilter": "AUTO",
            },
            lambda s, reply: (len(reply["FaceMatches"]), len(reply["UnmatchedFaces"])) == (1, 0),
        ),
    ),
    plays=(
        Play(
            lambda s: {"SourceImage": s.stored("obama.jpg"), "TargetImage": s.stored("biden.jpg")}
        ),
    ),
    errors=no_picture("TargetImage"),
    command=Command(
        "--source-image-bytes fileb://{photos}/obama.jpg"
        " --target-image-bytes fileb://{photos}/obama2.jpg --similarity-threshold 99"
    ),
    faults=(
        FaultCase(
            "picture in bucket",
            lambda s: {"SourceImage": s.picture("ann"), "TargetImage": s.in_bucket},
        ),
    ),
)
